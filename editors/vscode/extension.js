// The extension starts `rql lsp` for files of RQL.
const { workspace } = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

async function start() {
  const settings = workspace.getConfiguration('rql');
  const args = ['lsp'];
  if (settings.get('url')) args.push('--url', settings.get('url'));
  client = new LanguageClient('rql', 'RQL', { command: settings.get('path') || 'rql', args }, {
    documentSelector: [{ language: 'rql' }],
    synchronize: { fileEvents: workspace.createFileSystemWatcher('**/*.rql') },
  });
  await client.start();
}

exports.activate = async (context) => {
  context.subscriptions.push(workspace.onDidChangeConfiguration(async (e) => {
    if (!e.affectsConfiguration('rql')) return;
    if (client) await client.stop();
    await start();
  }));
  await start();
};

exports.deactivate = () => client && client.stop();
