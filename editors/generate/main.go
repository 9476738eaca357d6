// Command generate writes the files of the editors, in the folder that it is run in.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/rql-lang/rql/editors"
)

func main() {
	files, err := editors.Files()
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o666); err != nil { //nolint:gosec // source files
			log.Fatal(err)
		}
	}
}
