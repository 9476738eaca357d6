package cli

import (
	"fmt"
	"io"

	"github.com/rql-lang/rql/internal/cli/args"
	"github.com/rql-lang/rql/internal/cli/pages"
)

// completion prints the script by which a shell completes the words of rql.
func (p *program) completion() error {
	root, err := args.Describe()
	if err != nil {
		return err //nolint:wrapcheck // it says what failed
	}
	return p.print(pages.Completion(root, p.args.Topic))
}

// manual prints a manual page.
func (p *program) manual() error {
	root, err := args.Describe()
	if err != nil {
		return err //nolint:wrapcheck // it says what failed
	}
	text := pages.Manual(root, p.args.Topic, version(), args.TopicTexts())
	if text == "" {
		return &args.UsageError{Message: fmt.Sprintf("there is no command %q", p.args.Topic), Hint: "rql man"}
	}
	return p.print(text)
}

func (p *program) print(text string) error {
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	return nil
}
