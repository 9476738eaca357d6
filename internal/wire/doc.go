// Package wire records what RQL and the Search and JSON modules of a server
// say to each other, and plays the modules' part of it again where there are
// none: tests of what needs them run everywhere.
//
// A recording is text: the commands of each case and their answers, one line
// each. Record stands in front of a server with the modules. Replay stands in
// front of the embedded server, which does all that is not Search:
//
//   - an FT command, or a script that names one, is answered from the recording;
//   - a JSON command is carried out by the embedded server, and answered from the recording;
//   - a script that names JSON commands is carried out by the embedded server, and
//     its lines that name them have to be those that were recorded;
//   - everything else is not recorded.
//
// No command may change without being seen. Left out is what differs from run to
// run and says nothing: instants close to now, and UUIDs (⟨now-1⟩, ⟨uuid-1⟩); the
// order of maps and sets; in the answer to FT.INFO all but the numbers of
// documents; and in the list of indexes those of others.
package wire
