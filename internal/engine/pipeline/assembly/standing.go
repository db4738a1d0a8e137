package assembly

import (
	"encoding/json"
	"fmt"

	"github.com/assaysec/assay/internal/engine/pipeline/fault"
)

// A Standing is the part of a file's summary that says whether the file is a pipeline, and what is to be told once Join
// has found out.
type Standing struct {
	Sure      bool          `json:"sure,omitempty"` // that it is a pipeline or a part of one, by its name or form
	Pending   []fault.Fault `json:"pending,omitempty"`
	Unchecked []string      `json:"unchecked,omitempty"`
}

// maxUnchecked bounds the reasons told of one file.
const maxUnchecked = 20

// Uncheckedf notes what could not be looked at.
func (s *Standing) Uncheckedf(format string, args ...any) {
	if len(s.Unchecked) < maxUnchecked {
		s.Unchecked = append(s.Unchecked, fmt.Sprintf(format, args...))
	}
}

// Settle says what is told of the file at once, and keeps the rest for Join.
func (s *Standing) Settle(sure bool, found []fault.Fault) (told []fault.Fault, unchecked []string) {
	if s.Sure = sure; !sure {
		s.Pending = found
		return nil, nil
	}
	unchecked, s.Unchecked = s.Unchecked, nil
	return found, unchecked
}

// Encode writes a summary.
func Encode(summary any) []byte {
	text, err := json.Marshal(summary)
	if err != nil {
		panic(err) // summaries are names, places and conditions
	}
	return text
}
