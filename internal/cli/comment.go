package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/assaysec/assay/internal/forge"
	"github.com/assaysec/assay/internal/forge/github"
	"github.com/assaysec/assay/internal/forge/gitlab"
	"github.com/assaysec/assay/internal/forge/rest"
	"github.com/assaysec/assay/internal/policy"
	"github.com/assaysec/assay/internal/report"
	"github.com/assaysec/assay/internal/report/comment"
	"github.com/assaysec/assay/internal/report/json"
	"github.com/spf13/cobra"
)

// commentFlags say where a comment goes. What is not said is taken from the pipeline's environment.
type commentFlags struct {
	request forge.Request
	kind    string
	key     string
	print   bool
	always  bool
}

func commentCommand(a *app) *cobra.Command {
	var f commentFlags
	cmd := &cobra.Command{
		Use:   "comment REPORT",
		Short: "Say in the pull request what the gate said",
		Long: "Comment reads a JSON report of gate or scan, or - for standard input, and writes one comment into the pull or merge\n" +
			"request that the pipeline runs for. A later run updates it. Where there is nothing to say, none is begun.\n\n" +
			"It needs a token that may write comments: GITHUB_TOKEN with pull-requests: write, or GITLAB_TOKEN with the scope api;\n" +
			"ASSAY_FORGE_TOKEN wins over both. No other step does: give it to this one alone.",
		Example: "  assay gate --diff-base origin/main --format json --output verdict.json\n  assay comment verdict.json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.comment(cmd.Context(), args[0], &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "forge", "", "github or gitlab (default: of the pipeline)")
	flags.StringVar(&f.request.API, "forge-api", "", "address of the forge's interface (default: of the pipeline)")
	flags.StringVar(&f.request.Project, "project", "", "owner/name, or GitLab's number or path (default: of the pipeline)")
	flags.IntVar(&f.request.Number, "number", 0, "number of the pull or merge request (default: of the pipeline)")
	flags.StringVar(&f.key, "key", "", "tells comments of one request apart (default: the stage)")
	flags.BoolVar(&f.print, "print", false, "print the comment, and use no network")
	flags.BoolVar(&f.always, "always", false, "comment even where there is nothing to say")
	completeFlag(cmd, "forge", []string{string(forge.GitHub), string(forge.GitLab)})
	return cmd
}

func (a *app) comment(ctx context.Context, file string, f *commentFlags) error {
	d, err := a.readReport(file)
	if err != nil {
		return err
	}
	d.Asked = a.askedAtHome(d)
	if len(d.Targets) == 1 && d.Targets[0].Kind == "directory" && d.Verdict.Stage == policy.PullRequest {
		d.Mends = "assay fix " + d.Asked
	}
	o := comment.Options{Key: f.key}
	if f.print {
		_, err := io.WriteString(a.Stdout, comment.Body(d, o))
		return err
	}
	r, err := a.request(f)
	if errors.Is(err, forge.ErrNoRequest) {
		a.note("assay: %v, so there is nothing to comment on", err)
		return nil
	}
	if err != nil {
		return forgeError(err)
	}
	o.Blob = r.Blob()
	thread, err := a.thread(r)
	if err != nil {
		return forgeError(err)
	}
	done, err := forge.Publish(ctx, thread, forge.Comment{
		Marker: comment.Marker(comment.Key(d, o)), Body: comment.Body(d, o), IfThere: comment.Quiet(d) && !f.always,
	})
	if err != nil {
		return forgeError(err)
	}
	if done.Did == forge.Nothing {
		a.note("assay: nothing to say, and no comment to update")
	} else {
		a.note("assay: comment %d %s", done.ID, done.Did)
	}
	if done.Notice != "" {
		a.note("assay: note: %s", done.Notice)
	}
	return nil
}

// readReport reads a JSON report.
func (a *app) readReport(file string) (*report.Document, error) {
	var text io.Reader = a.Stdin
	if file != "-" {
		content, err := readNamed(file)
		if err != nil {
			return nil, hint(fmt.Errorf("%s: %w", file, err), "make it with: assay gate --format json --output %s", shellWord(file))
		}
		text = bytes.NewReader(content)
	}
	d, err := json.Read(text)
	if err != nil {
		return nil, hint(fmt.Errorf("%s: %w", file, masked(err)), "give a report that gate or scan wrote with --format json")
	}
	return d, nil
}

// askedAtHome is how a clone asks for the look of a report: against the branch that the request goes to.
func (a *app) askedAtHome(d *report.Document) string {
	var words []string
	switch stage := d.Verdict.Stage; stage {
	case policy.PullRequest:
		base := cmp.Or(a.Getenv("GITHUB_BASE_REF"), a.Getenv("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"), "HEAD")
		words = append(words, "--diff-base", shellWord("origin/"+base))
	default:
		words = append(words, "--stage", stage)
	}
	for i := range d.Targets {
		if name := d.Targets[i].Name; name != "." || len(d.Targets) > 1 {
			words = append(words, shellWord(name))
		}
	}
	return strings.Join(words, " ")
}

// request is where the comment goes: what the flags say, and for the rest the pipeline.
func (a *app) request(f *commentFlags) (forge.Request, error) {
	said := f.request
	switch said.Forge = forge.Kind(f.kind); said.Forge {
	case "", forge.GitHub, forge.GitLab:
	default:
		return said, unknownWord("--forge", f.kind, []string{string(forge.GitHub), string(forge.GitLab)})
	}
	if said.Forge != "" && said.API != "" && said.Project != "" && said.Number > 0 {
		return said, a.token(&said)
	}
	var event []byte
	if file := forge.EventFile(a.Getenv); file != "" {
		var err error
		if event, err = readNamed(file); err != nil {
			return said, fmt.Errorf("GITHUB_EVENT_PATH: %w", err)
		}
	}
	r, err := forge.Detect(a.Getenv, event)
	if err != nil {
		return r, err
	}
	if said.API != "" {
		r.API = said.API
	}
	if said.Project != "" {
		r.Project = said.Project
	}
	if said.Number > 0 {
		r.Number = said.Number
	}
	return r, nil
}

// token is the one that writes comments, where the flags name the request.
func (a *app) token(r *forge.Request) error {
	for _, name := range []string{"ASSAY_FORGE_TOKEN", map[forge.Kind]string{forge.GitHub: "GITHUB_TOKEN", forge.GitLab: "GITLAB_TOKEN"}[r.Forge]} {
		if r.Token = rest.Token(a.Getenv(name)); r.Token != "" {
			return nil
		}
	}
	return hint(errors.New("there is no token to comment with"), "set ASSAY_FORGE_TOKEN")
}

func (a *app) thread(r forge.Request) (forge.Thread, error) {
	network, err := a.network()
	if err != nil {
		return nil, err
	}
	agent := "assay/" + Version()
	if r.Forge == forge.GitLab {
		return gitlab.NewThread(r.API, r.Project, r.Number, gitlab.Options{Transport: network, Token: r.Token, UserAgent: agent})
	}
	return github.NewThread(r.API, r.Project, r.Number, github.Options{Transport: network, Token: r.Token, UserAgent: agent, Fork: r.Fork})
}

// forgeError gives an error of a forge the advice that it has.
func forgeError(err error) error {
	var m *forge.MissingError
	switch {
	case errors.As(err, &m):
		return hint(err, "%s", m.Hint)
	case rest.HintOf(err) != "":
		return hint(err, "%s", rest.HintOf(err))
	}
	return err
}
