package api

import (
	"io"
	"net/http"
	"strings"
)

// replayTargets are the only addresses to which events are sent again.
var replayTargets = map[string]string{
	"ledger":  "https://ledger.payments.example.com/events",
	"refunds": "https://refunds.payments.example.com/events",
}

func (s Services) testWebhook(w http.ResponseWriter, r *http.Request) {
	target := r.FormValue("url")
	answer, err := http.Get(target)
	if err != nil {
		http.Error(w, "webhook does not answer", http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.Copy(w, io.LimitReader(answer.Body, 4096))
}

func (s Services) replayWebhook(w http.ResponseWriter, r *http.Request) {
	target, known := replayTargets[r.FormValue("target")]
	if !known {
		http.Error(w, "unknown target", http.StatusBadRequest)
		return
	}
	answer, err := http.Post(target, "application/json", strings.NewReader(`{"replay":true}`))
	if err != nil {
		http.Error(w, "target does not answer", http.StatusBadGateway)
		return
	}
	answer.Body.Close()
	w.WriteHeader(http.StatusAccepted)
}
