package edit

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

// continued is the prompt of all lines after the first.
const continued = "...> "

// plain reads lines from a terminal that cannot move its cursor.
type plain struct {
	c     Config
	lines chan string // closed at the end of the input
	want  chan struct{}
}

func newPlain(c Config) *plain {
	p := &plain{c: c, lines: make(chan string), want: make(chan struct{})}
	go func() {
		defer close(p.lines)
		in := bufio.NewReader(c.In)
		for range p.want { // lines are read only on request
			line, err := in.ReadString('\n')
			if err != nil {
				return // an incomplete line is dropped
			}
			p.lines <- strings.TrimRight(line, "\r\n")
		}
	}()
	return p
}

// Read reads lines until they are complete; ^C discards them.
func (p *plain) Read(ctx context.Context, prompt Prompt, initial string) (string, error) {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	text, asked := initial, false
	fmt.Fprint(p.c.Out, p.show(prompt, text))
	for {
		if !asked {
			select {
			case p.want <- struct{}{}:
				asked = true
			case <-ctx.Done():
				return "", io.EOF
			}
		}
		select {
		case <-ctx.Done():
			return "", io.EOF
		case <-interrupt:
			if prompt.Line {
				return "", io.EOF
			}
			text = ""
			fmt.Fprint(p.c.Out, "\n"+p.show(prompt, text))
		case line, ok := <-p.lines:
			asked = false
			if !ok {
				return "", io.EOF
			}
			text += line
			if prompt.Line || p.c.Runs(text) {
				return text, nil
			}
			text += "\n"
			fmt.Fprint(p.c.Out, p.show(prompt, text))
		}
	}
}

func (p *plain) show(prompt Prompt, text string) string {
	if text != "" {
		return continued
	}
	return prompt.Text
}
