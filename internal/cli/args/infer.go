package args

type inferCmd struct {
	File string `arg:"" help:"The file, also with .gz."`
	Name string `arg:"" optional:"" placeholder:"MODEL" help:"Name of the model; without it that of the file."`
}

// Help returns the example of rql infer.
func (inferCmd) Help() string {
	return `The types are those of the first 1,000 records, which are imported into the model on the embedded server to see that they fit. With a server, it is said too whether its memory is enough.

Example:

    rql infer people.csv User > user.rql
    rql infer people.csv User --url redis://localhost:6379`
}
