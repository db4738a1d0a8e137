package policy

// Counts says how many things hold findings back. Where nobody counted, a pointer is nil and the values are unknown.
type Counts struct {
	Suppressions *SuppressionCounts `json:"suppressions,omitempty"`
	Exceptions   *ExceptionCounts   `json:"exceptions,omitempty"`
}

// SuppressionCounts counts native marks and the entries of ignore files.
type SuppressionCounts struct {
	Count         int `json:"count"`
	Unused        int `json:"unused"` // hide nothing today
	Expired       int `json:"expired"`
	WithoutReason int `json:"withoutReason"`
	WithoutExpiry int `json:"withoutExpiry"`
	CannotTell    int `json:"cannotTell"` // whether they hide anything: the engine that they speak to did not run
}

// ExceptionCounts counts the entries of the exception files.
type ExceptionCounts struct {
	Count    int `json:"count"`
	Expiring int `json:"expiring"` // end within ExpiringDays
	Void     int `json:"void"`
	Expired  int `json:"expired"`
}

// ExpiringDays is how soon an exception must end to count as expiring.
const ExpiringDays = 14

func suppressions(get func(*SuppressionCounts) int) func(*asked) (any, bool) {
	return func(a *asked) (any, bool) {
		if a.counts.Suppressions == nil {
			return 0, false
		}
		return get(a.counts.Suppressions), true
	}
}

func exceptions(get func(*ExceptionCounts) int) func(*asked) (any, bool) {
	return func(a *asked) (any, bool) {
		if a.counts.Exceptions == nil {
			return 0, false
		}
		return get(a.counts.Exceptions), true
	}
}
