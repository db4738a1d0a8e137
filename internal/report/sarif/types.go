package sarif

// The types are the part of SARIF 2.1.0 that we write, under its names. Section numbers are those of the specification.

type run struct { // §3.14
	Tool               tool                        `json:"tool"`
	Invocations        []invocation                `json:"invocations"`
	OriginalURIBaseIDs map[string]artifactLocation `json:"originalUriBaseIds,omitempty"`
	Results            []result                    `json:"results"`
	AutomationDetails  automationDetails           `json:"automationDetails"`
	ColumnKind         string                      `json:"columnKind"`
	Properties         map[string]any              `json:"properties,omitempty"`
}

type automationDetails struct { // §3.17
	ID string `json:"id"`
}

type tool struct { // §3.18
	Driver driver `json:"driver"`
}

type driver struct { // §3.19
	Name           string `json:"name"`
	Version        string `json:"version,omitempty"`
	InformationURI string `json:"informationUri,omitempty"`
	Rules          []rule `json:"rules"`
}

type rule struct { // §3.49
	ID                   string         `json:"id"`
	ShortDescription     text           `json:"shortDescription"`
	FullDescription      text           `json:"fullDescription"`
	Help                 text           `json:"help"`
	DefaultConfiguration configuration  `json:"defaultConfiguration"`
	Properties           map[string]any `json:"properties"`
}

type configuration struct { // §3.50
	Level string `json:"level"`
}

type text struct { // §3.12
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type invocation struct { // §3.20
	ExecutionSuccessful        bool           `json:"executionSuccessful"`
	ToolExecutionNotifications []notification `json:"toolExecutionNotifications"`
	EndTimeUTC                 string         `json:"endTimeUtc,omitempty"`
}

type notification struct { // §3.58
	Level     string     `json:"level"`
	Message   text       `json:"message"`
	Locations []location `json:"locations,omitempty"`
}

type result struct { // §3.27
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Kind                string            `json:"kind"`
	Level               string            `json:"level"`
	Message             text              `json:"message"`
	Locations           []location        `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	BaselineState       string            `json:"baselineState,omitempty"`
	Rank                *int              `json:"rank,omitempty"`
	RelatedLocations    []location        `json:"relatedLocations,omitempty"`
	CodeFlows           []codeFlow        `json:"codeFlows,omitempty"`
	Suppressions        []suppression     `json:"suppressions"`
	Properties          map[string]any    `json:"properties"`
}

type location struct { // §3.28
	ID               *int              `json:"id,omitempty"`
	PhysicalLocation *physicalLocation `json:"physicalLocation,omitempty"`
	LogicalLocations []logicalLocation `json:"logicalLocations,omitempty"`
	Message          *text             `json:"message,omitempty"`
}

type physicalLocation struct { // §3.29
	ArtifactLocation artifactLocation `json:"artifactLocation"`
	Region           *region          `json:"region,omitempty"`
	ContextRegion    *region          `json:"contextRegion,omitempty"`
}

type artifactLocation struct { // §3.4
	URI         string `json:"uri,omitempty"`
	URIBaseID   string `json:"uriBaseId,omitempty"`
	Description *text  `json:"description,omitempty"`
}

type region struct { // §3.30
	StartLine   int   `json:"startLine"`
	StartColumn int   `json:"startColumn,omitempty"`
	EndLine     int   `json:"endLine,omitempty"`
	EndColumn   int   `json:"endColumn,omitempty"`
	Snippet     *text `json:"snippet,omitempty"`
}

type logicalLocation struct { // §3.33
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

type codeFlow struct { // §3.36
	ThreadFlows []threadFlow `json:"threadFlows"`
}

type threadFlow struct { // §3.37
	Locations []threadFlowLocation `json:"locations"`
}

type threadFlowLocation struct { // §3.38
	Location location `json:"location"`
}

type suppression struct { // §3.35
	Kind          string         `json:"kind"`
	Status        string         `json:"status"`
	Justification string         `json:"justification,omitempty"`
	Properties    map[string]any `json:"properties,omitempty"`
}
