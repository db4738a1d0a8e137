package workplace

import (
	"fmt"
	"strings"
)

// A ManPage is the manual page of one command.
type ManPage struct {
	Name, Date, Version         string
	Short, Long, Usage, Example string
	Commands, Flags, Inherited  []ManItem
	See                         []string // names of other pages
}

// A ManItem is a word and what it means.
type ManItem struct{ Term, Text string }

// Roff writes the page in the language of man(7).
func (p *ManPage) Roff() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 %s %s %s\n", quoted(strings.ToUpper(p.Name)), quoted(p.Date), quoted("assay "+p.Version), quoted("Assay"))
	section(&b, "NAME")
	fmt.Fprintf(&b, "%s \\- %s\n", roff(p.Name), roff(p.Short))
	section(&b, "SYNOPSIS")
	fmt.Fprintf(&b, ".B %s\n", quoted(p.Usage))
	if p.Long != "" {
		section(&b, "DESCRIPTION")
		paragraphs(&b, p.Long)
	}
	items(&b, "COMMANDS", p.Commands)
	items(&b, "OPTIONS", p.Flags)
	items(&b, "COMMON OPTIONS", p.Inherited)
	if p.Example != "" {
		section(&b, "EXAMPLES")
		literal(&b, p.Example)
	}
	if len(p.See) > 0 {
		section(&b, "SEE ALSO")
		for i, name := range p.See {
			comma := ","
			if i == len(p.See)-1 {
				comma = ""
			}
			fmt.Fprintf(&b, ".BR %s (1)%s\n", quoted(name), comma)
		}
	}
	return b.String()
}

func section(b *strings.Builder, name string) { fmt.Fprintf(b, ".SH %s\n", quoted(name)) }

func items(b *strings.Builder, name string, list []ManItem) {
	if len(list) == 0 {
		return
	}
	section(b, name)
	for _, i := range list {
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", quoted(i.Term), roff(i.Text))
	}
}

// paragraphs writes running text; lines that are indented stay as they are.
func paragraphs(b *strings.Builder, text string) {
	for n, part := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if n > 0 {
			b.WriteString(".PP\n")
		}
		if strings.HasPrefix(part, " ") {
			literal(b, part)
			continue
		}
		for line := range strings.SplitSeq(part, "\n") {
			b.WriteString(roff(line) + "\n")
		}
	}
}

func literal(b *strings.Builder, text string) {
	b.WriteString(".nf\n")
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		b.WriteString(roff(line) + "\n")
	}
	b.WriteString(".fi\n")
}

// escapes are the characters that mean something in roff, or that it would print as another: a minus is typed in a shell, a
// hyphen is not.
var escapes = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`, "…", "...", "\n", " ", "\r", " ", "\x00", "")

// roff makes a line of text safe: nothing in it is an escape, and it is never taken for a request, which begins with a dot
// or a quote.
func roff(line string) string {
	line = ascii(escapes.Replace(line))
	if strings.HasPrefix(line, ".") {
		line = `\&` + line
	}
	return line
}

// ascii writes every other character by its number: how a page is encoded differs between systems.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x7f {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}

// quoted is an argument of a request.
func quoted(s string) string { return `"` + strings.ReplaceAll(roff(s), `"`, `\(dq`) + `"` }
