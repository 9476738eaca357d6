package exporter

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rql-lang/rql/lang"
)

// File is a file that has another name until it is complete. One whose name ends in .gz is compressed.
type File struct {
	path string
	file *os.File
	zip  *gzip.Writer // nil: not compressed
	out  *bufio.Writer
	done bool
}

// Open begins a file, which replaces another one of its name when it is committed.
func Open(path string) (*File, error) {
	x := &File{path: path}
	if err := x.open(); err != nil {
		return nil, x.failed(err)
	}
	var w io.Writer = x.file
	if lang.Zipped(path) {
		x.zip = gzip.NewWriter(w)
		w = x.zip
	}
	x.out = bufio.NewWriterSize(w, 64<<10)
	return x, nil
}

// open makes the file beside the one that it replaces: who may read that one may read it, and else the umask says it.
func (x *File) open() error {
	if real, err := filepath.EvalSymlinks(x.path); err == nil {
		x.path = real // the link stays
	}
	old, err := os.Stat(x.path)
	if err == nil && !old.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	temp := filepath.Join(filepath.Dir(x.path), "."+filepath.Base(x.path)+"."+rand.Text())
	f, createErr := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // as the umask says
	if createErr != nil {
		return createErr //nolint:wrapcheck // failed does
	}
	x.file = f
	if err == nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			x.Abort()
			return err //nolint:wrapcheck // failed does
		}
	}
	return nil
}

// failed is an error with the name that the file was to have.
func (x *File) failed(err error) error {
	var of *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &of):
		err = of.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fmt.Errorf("cannot write %s: %w", x.path, err)
}

// Write appends to the file.
func (x *File) Write(p []byte) (int, error) {
	n, err := x.out.Write(p)
	if err != nil {
		return n, x.failed(err)
	}
	return n, nil
}

// Commit gives the file its name once the disk has it.
func (x *File) Commit() error {
	err := cmp.Or(x.out.Flush(), x.endZip(), x.file.Sync(), x.file.Close())
	if err == nil {
		err = os.Rename(x.file.Name(), x.path)
	}
	if err != nil {
		return x.failed(err)
	}
	x.done = true
	return nil
}

func (x *File) endZip() error {
	if x.zip == nil {
		return nil
	}
	return x.zip.Close() //nolint:wrapcheck // failed does
}

// Abort drops the file, unless it was committed.
func (x *File) Abort() {
	if !x.done {
		x.file.Close()           // what it holds is dropped
		os.Remove(x.file.Name()) // and so is the file; what cannot be removed has no name that anyone reads
	}
}
