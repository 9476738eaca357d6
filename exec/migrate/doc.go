// Package migrate runs migrations: numbered files of statements that are carried
// out once, in order, by one runner at a time. The position is saved by the script
// that writes, so a run that was killed at any point resumes where it was.
package migrate
