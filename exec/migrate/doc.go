// Package migrate runs migrations: numbered files of statements that are executed once, in order, by one runner at a time. The
// script that writes also saves the position, so a run that was killed at any point resumes where it was.
package migrate
