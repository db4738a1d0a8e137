package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/assaysec/assay/internal/exception/census"
	"github.com/assaysec/assay/internal/git"
	"github.com/assaysec/assay/internal/scan"
	"github.com/spf13/cobra"
)

func exceptionsCensusCommand(a *app) *cobra.Command {
	var f lookFlags
	var format, output string
	var known []string
	for _, c := range census.Formats {
		known = append(known, c.Name)
	}
	cmd := &cobra.Command{
		Use:   "census [TARGET]",
		Short: "List every suppression in marks and ignore files, and what it hides",
		Long: "Census lists what the marks and ignore files of all tools hold back: where, of which rule, by whom and since when, whether it\n" +
			"hides anything today, and whether it has a reason and an end. What could only hide findings of an engine that is not in\n" +
			"this binary is shown as \"cannot tell\", never as unused.",
		Example: "  assay exceptions census\n  assay exceptions census --output census.html",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ending := strings.TrimPrefix(filepath.Ext(output), "."); !cmd.Flags().Changed("format") && slices.Contains(known, ending) {
				format = ending
			}
			if err := knownFormat(format, known); err != nil {
				return err
			}
			p, err := a.performOnSomething(cmd.Context(), args, &f)
			if err != nil {
				return err
			}
			rows := p.list.Census(p.ruling.Marks)
			if err := a.authors(cmd.Context(), append(args, ".")[0], rows); err != nil {
				return err
			}
			return errors.Join(a.writeCensus(&census.Census{Now: p.document.Now, Rows: rows}, format, output), incompleteCode(p))
		},
	}
	f.addLook(cmd)
	addFormat(cmd, &format, known)
	cmd.Flags().StringVarP(&output, "output", "o", "", "file for it, whose ending tells the format (default: standard output)")
	return cmd
}

// writeCensus writes the rows once nothing in them can be a secret: who writes a mark beside one may quote it.
func (a *app) writeCensus(c *census.Census, format, output string) error {
	for i := range c.Rows {
		r := &c.Rows[i]
		for _, text := range []*string{&r.Text, &r.Reason} {
			*text = scan.Mask(a.hide(*text))
		}
		for _, text := range []*string{&r.Path, &r.Where, &r.Why, &r.Author} {
			*text = a.hide(*text)
		}
	}
	at := slices.IndexFunc(census.Formats, func(f census.Format) bool { return f.Name == format })
	if output == "" || output == "-" {
		return census.Formats[at].Write(a.Stdout, c)
	}
	return replace(output, func(w io.Writer) error { return census.Formats[at].Write(w, c) })
}

// authors finds out who brought the lines of suppressions, and when. One that is not committed has no author yet.
func (a *app) authors(ctx context.Context, arg string, rows []census.Row) error {
	t, err := a.openTarget(arg)
	if err != nil || t.repo == nil {
		return err
	}
	defer t.repo.Close()
	if t.file {
		return nil
	}
	h, from, err := a.datedFrom(ctx, t)
	if h == nil || err != nil {
		return err
	}
	lines, of := markedLines(h, t.prefix, rows)
	if len(lines) == 0 {
		return nil
	}
	origins, err := t.repo.Origins(ctx, from, lines)
	if err != nil && ctx.Err() == nil {
		a.note("assay: note: who brought suppressions in could not be found out: %v", err)
		return nil
	}
	for i, id := range origins {
		if info, err := t.repo.Commit(id); err == nil {
			of[i].SetAuthor(info.Author.Name, info.Author.When)
		}
	}
	return err
}

// markedLines are the lines on which suppressions stand, each file read once.
func markedLines(h house, prefix string, rows []census.Row) (lines []git.Line, of []*census.Row) {
	texts := map[string][][]byte{}
	for i := range rows {
		r := &rows[i]
		if r.Commit != "" {
			continue
		}
		text, read := texts[r.Path]
		if !read {
			content, _ := h.read(r.Path) // of what cannot be read again nothing is known
			text = bytes.Split(content, []byte{'\n'})
			texts[r.Path] = text
		}
		if r.Line < 1 || r.Line > len(text) {
			continue
		}
		if line := strings.TrimRight(string(text[r.Line-1]), "\r"); line != "" {
			lines, of = append(lines, git.Line{Path: path.Join(prefix, r.Path), Text: line}), append(of, r)
		}
	}
	return lines, of
}
