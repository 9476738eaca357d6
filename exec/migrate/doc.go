// Package migrate runs migrations: numbered files of statements that are carried
// out once, in order, by one runner at a time. What was done is kept on the
// server in the same moment as it is done, so a run that was killed anywhere
// goes on where it was.
package migrate
