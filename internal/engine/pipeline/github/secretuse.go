package github

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/assaysec/assay/internal/engine/pipeline/document"
	"github.com/assaysec/assay/internal/engine/pipeline/shell"
	"github.com/assaysec/assay/internal/finding"
)

// secretPrinted and secretArgument: a secret shows in the log, or to other programs of the machine.
func secretPrinted(c *context) { c.secretRemarks(shell.PrintedSecret, "prints %s to the log") }
func secretArgument(c *context) {
	c.secretRemarks(shell.SecretArgument, "gives %s to %s on the command line")
}

func (c *context) secretRemarks(kind shell.RemarkKind, what string) {
	c.eachScript(func(s *Step, sc *Script) {
		list := sc.Shell.Secrets(func(name string) bool { return c.secretOf(s, name) != "" }, func(i int) bool {
			return i < len(sc.Exprs) && isSecret(sc.Exprs[i])
		})
		for _, r := range list {
			if r.Kind != kind || r.Name == "" && dumpsAll[r.Tool] && !c.seesSecrets(s) {
				continue
			}
			name := "a secret"
			if held := c.secretOf(s, r.Name); held != "" {
				name = "the secret " + held
			}
			text := "step %q " + what
			if kind == shell.PrintedSecret {
				text = fmt.Sprintf(text, s.Label(), name)
			} else {
				text = fmt.Sprintf(text, s.Label(), name, r.Tool)
			}
			f := c.tell(sc.Span(r.Range), s.Key()+" "+r.Tool+" "+r.Name, text)
			if kind == shell.PrintedSecret && !transforms(sc.Node.Value[r.Range.Start:r.Range.End]) {
				f.Severity = finding.Low // the log hides the text as it is
			}
		}
	})
}

// secretOf is the secret that a variable holds as a step sees it, "" where it holds none.
func (c *context) secretOf(s *Step, name string) string {
	for _, env := range c.environments(s) {
		if c.entry(env, name) != nil {
			return c.secretsIn(env)[strings.ToLower(name)]
		}
	}
	return ""
}

// secretsIn are the variables of an environment that hold a secret and nothing else, by their names in lower case.
func (c *context) secretsIn(env *yaml.Node) map[string]string {
	return remember(c.memo.secrets, document.Follow(env), func() map[string]string {
		held := map[string]string{}
		for k, v := range document.Pairs(env) {
			if e := c.whole(v); e != nil && isSecret(e) {
				held[strings.ToLower(k.Value)] = e.Text
			}
		}
		return held
	})
}

// seesSecrets reports whether one of a step's variables holds a secret.
func (c *context) seesSecrets(s *Step) bool {
	for _, env := range c.environments(s) {
		if len(c.secretsIn(env)) > 0 {
			return true
		}
	}
	return false
}

// isSecret reports whether an expression is a secret and nothing else.
func isSecret(e *Expr) bool {
	p := pathOf(e.Tree)
	return strings.HasPrefix(p, "secrets.") || p == "github.token"
}

// transforms reports whether a command puts a secret into another form, which the log does not hide.
func transforms(text string) bool {
	for _, word := range []string{"base64", "base32", "xxd", "rev", "od ", "sed", "cut", "fold", "tr ", "openssl", "jq", "awk"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// dumpsAll are commands that print the whole environment.
var dumpsAll = map[string]bool{"env": true, "printenv": true, "set": true, "export": true, "declare": true, "Get-ChildItem": true, "gci": true, "ls": true, "dir": true}
