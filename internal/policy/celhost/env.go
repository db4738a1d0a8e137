package celhost

import (
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"

	"github.com/assaysec/assay/internal/policy"
)

// Limits on one expression. CEL has no unbounded loops, but nested macros over a long list add up.
const (
	maxLength    = 10_000 // code points
	maxRecursion = 100
	maxCost      = 1_000_000
)

// levelType is a type of its own, so that a level can be compared with a level and with nothing else. Its values are
// numbers, and the standard comparison of numbers does the work.
var levelType = cel.OpaqueType("level")

const recordName = "coverage.record"

var recordType = cel.ObjectType(recordName)

var celTypes = map[policy.Type]*cel.Type{
	policy.Bool:     cel.BoolType,
	policy.Int:      cel.IntType,
	policy.String:   cel.StringType,
	policy.Strings:  cel.ListType(cel.StringType),
	policy.Level:    levelType,
	policy.Time:     cel.TimestampType,
	policy.Duration: cel.DurationType,
	policy.Records:  cel.ListType(recordType),
}

func newEnv(names []policy.Name) (*cel.Env, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	opts := []cel.EnvOption{
		cel.CustomTypeProvider(provider{registry}),
		cel.CustomTypeAdapter(registry),
		cel.StdLib(),
		cel.ParserExpressionSizeLimit(maxLength),
		cel.ParserRecursionLimit(maxRecursion),
	}
	for _, op := range []string{operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals} {
		opts = append(opts, cel.Function(op, cel.Overload("level"+op+"level", []*cel.Type{levelType, levelType}, cel.BoolType)))
	}
	for i, word := range policy.LevelWords {
		opts = append(opts, cel.Constant(word, levelType, types.Int(i+1)))
	}
	for _, n := range names {
		opts = append(opts, cel.Variable(n.Name, celTypes[n.Type]))
	}
	return cel.NewCustomEnv(opts...)
}

// provider adds the coverage record to CEL's own types. Its values are maps, which CEL selects from by itself.
type provider struct{ *types.Registry }

func (p provider) FindStructType(name string) (*types.Type, bool) {
	if name == recordName {
		return types.NewTypeTypeWithParam(recordType), true
	}
	return p.Registry.FindStructType(name)
}

func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if name != recordName {
		return p.Registry.FindStructFieldNames(name)
	}
	return recordFields(), true
}

func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if name != recordName {
		return p.Registry.FindStructFieldType(name, field)
	}
	for _, f := range policy.CoverageFields {
		if f.Name == field {
			return &types.FieldType{Type: celTypes[f.Type]}, true
		}
	}
	return nil, false
}

func recordFields() []string {
	var names []string
	for _, f := range policy.CoverageFields {
		names = append(names, f.Name)
	}
	return names
}
