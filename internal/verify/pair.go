package verify

import "regexp"

// A Found is a credential and where it was found.
type Found struct {
	Credential
	Place string // equal for all that stands in one text
	Line  int
}

// reach is how many lines apart the parts of one credential may stand.
const reach = 10

var (
	awsID     = regexp.MustCompile(`^(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}$`)
	awsSecret = regexp.MustCompile(`^[0-9A-Za-z+/]{40}$`)
)

// Pair brings the parts of AWS credentials together, which are found one by one: an access key ID, the secret access key
// nearest to it, and a session token where the ID is of a temporary one. The result has the order of list.
func Pair(list []Found) []Credential {
	texts := map[string][]int{}
	out := make([]Credential, len(list))
	for i, f := range list {
		out[i] = f.Credential
		if f.Verifier == aws.Name {
			texts[f.Place] = append(texts[f.Place], i)
		}
	}
	for _, members := range texts {
		for _, i := range members {
			out[i] = paired(list, members, i)
		}
	}
	return out
}

// paired is the whole credential that list[i] is a part of. What cannot be completed stays without a part.
func paired(list []Found, members []int, i int) Credential {
	c := Credential{Verifier: aws.Name}
	line := list[i].Line
	switch kind := awsKind(list[i]); kind {
	case "id", "secret":
		c.ID, c.Value = nearest(list, members, line, "id"), nearest(list, members, line, "secret")
		if kind == "id" {
			c.ID = list[i].Value
		} else {
			c.Value = list[i].Value
		}
	case "session":
		c.ID = nearest(list, members, line, "id")
		c.Value = nearest(list, members, line, "secret")
	}
	if temporary(reveal(c.ID)) {
		c.Session = nearest(list, members, line, "session")
	}
	return c
}

func awsKind(f Found) string {
	switch value := reveal(f.Value); {
	case awsID.MatchString(value):
		return "id"
	case awsSecret.MatchString(value):
		return "secret"
	case len(value) >= 100:
		return "session"
	}
	return ""
}

// nearest is the value of a kind that stands nearest to a line, the one before it where two are as near, nil if none is
// within reach.
func nearest(list []Found, members []int, line int, kind string) Value {
	var best Value
	least := reach + 1
	for _, i := range members {
		away := list[i].Line - line
		if away < 0 {
			away = -away
		}
		if away < least && awsKind(list[i]) == kind {
			best, least = list[i].Value, away
		}
	}
	return best
}
