// Package wire records what RQL and a server say to each other, and plays the
// server's part of it again where there is no such server: tests of what needs
// the Search and JSON modules run everywhere.
//
// A recording is text: the commands of each case and their answers, one line
// each. Record is a server in front of a real one, Replay stands alone. Both
// know commands by their words, so that none may change without being seen;
// left out is what differs from run to run and says nothing:
//
//   - the commands that set a connection up (HELLO, AUTH, CLIENT, SELECT, PING);
//   - EVALSHA of a script that the server has not been given in this case, which is
//     answered NOSCRIPT; a script is known by those of its lines that name a command of
//     a module, so a change of another line changes no recording;
//   - instants close to now, and UUIDs: ⟨now-1⟩, ⟨uuid-1⟩;
//   - the order of maps and sets, and in the answer to FT.INFO all but the numbers of documents.
package wire
