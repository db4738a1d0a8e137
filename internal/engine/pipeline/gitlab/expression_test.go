package gitlab

import "testing"

func TestConstant(t *testing.T) {
	for text, want := range map[string]truth{
		`$CI_COMMIT_BRANCH == "main"`:             unknown,
		`$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH`: unknown,
		`"a" == "a"`:                                   yes,
		`"true"`:                                       yes,
		`"a" == 'b'`:                                   no,
		`null`:                                         no,
		`$X == "a" && $X == "b"`:                       no,
		`$X == "a" || $X != "a"`:                       yes,
		`$X != "a" || $X != "b"`:                       yes,
		`$X != "a" && $X != "b"`:                       unknown,
		`$CI_COMMIT_BRANCH && $CI_COMMIT_TAG`:          no,
		`$CI_COMMIT_BRANCH || $CI_COMMIT_TAG`:          unknown,
		`$CI_COMMIT_BRANCH && $CI_MERGE_REQUEST_IID`:   no,
		`$CI_PIPELINE_SOURCE == "merge_request"`:       no,
		`$CI_PIPELINE_SOURCE == "merge_request_event"`: unknown,
		`$CI_PIPELINE_SOURCE != "mr"`:                  yes,
		`$CI_COMMIT_REF_NAME =~ /^v/ && $CI_COMMIT_REF_NAME !~ /^v/`: no,
		`$CI_COMMIT_REF_NAME =~ /^v/ || $CI_COMMIT_REF_NAME =~ /^w/`: unknown,
		`($X == "a" || $X == "b") && $X == "c"`:                      no,
		`$X == $X`:                                                   yes,
		`$X == null`:                                                 unknown,
		`$X == ""`:                                                   unknown,
		`$X`:                                                         unknown,
		`$X && $X != "a"`:                                            unknown,
		`$X == "a" &&`:                                               unknown, // no expression
		`${X} == "a" && ${X} == "b"`:                                 no,
		`$CI_MERGE_REQUEST_TITLE =~ /^(feat|fix)\//i`:                unknown,
		`$A || $B || $C || $D || $E || $F || $G || $H || $I || $J || $K || $L || $M || $N`: unknown,
	} {
		if got := constant(parseExpr(text)); got != want {
			t.Errorf("%s comes to %d, want %d", text, got, want)
		}
	}
}

func TestEval(t *testing.T) {
	for _, c := range []struct {
		text            string
		branch, request truth
	}{
		{`$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH`, no, no},
		{`$CI_COMMIT_BRANCH`, yes, no},
		{`$CI_COMMIT_BRANCH != "main"`, yes, yes},
		{`$CI_COMMIT_TAG`, no, no},
		{`$CI_COMMIT_TAG == null`, yes, yes},
		{`$CI_COMMIT_TAG == ""`, no, no},
		{`$CI_PIPELINE_SOURCE == "merge_request_event"`, no, yes},
		{`$CI_PIPELINE_SOURCE =~ /merge_request/`, no, yes},
		{`$CI_COMMIT_REF_PROTECTED == "true"`, no, no},
		{`$CI_COMMIT_BRANCH =~ /^release/`, no, no},
		{`$DEPLOY == "yes"`, unknown, unknown},
		{`$DEPLOY == "yes" && $CI_COMMIT_TAG`, no, no},
		{`$DEPLOY == "yes" || $CI_PIPELINE_SOURCE == "push"`, yes, unknown},
		{`$CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "main"`, unknown, unknown},
	} {
		e := parseExpr(c.text)
		branch, request := (&world{values: branchPipeline}).eval(e), (&world{values: requestPipeline}).eval(e)
		if branch != c.branch || request != c.request {
			t.Errorf("%s is %d for a branch and %d for a merge request, want %d and %d", c.text, branch, request, c.branch, c.request)
		}
	}
}

func FuzzParseExpr(f *testing.F) {
	for _, seed := range []string{`$A == "b" && ($C =~ /d/i || !$E)`, `((((`, `$A || `, `/a\/b/ == null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := parseExpr(text)
		constant(e)
		(&world{values: branchPipeline}).eval(e)
	})
}
