package api

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

func (s Services) receipt(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("file")
	body, err := os.ReadFile(filepath.Join(s.Receipts, name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(body)
}

func (s Services) logo(w http.ResponseWriter, r *http.Request) {
	file, err := os.OpenInRoot("/srv/logos", r.PathValue("name"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", "image/png")
	io.Copy(w, file)
}

func (s Services) receiptPDF(w http.ResponseWriter, r *http.Request) {
	title := r.FormValue("title")
	cmd := exec.CommandContext(r.Context(), "sh", "-c", "wkhtmltopdf --title '"+title+"' - -")
	cmd.Stdin = r.Body
	cmd.Stdout = w
	w.Header().Set("Content-Type", "application/pdf")
	if err := cmd.Run(); err != nil {
		http.Error(w, "no PDF", http.StatusInternalServerError)
	}
}

func (s Services) paymentQR(w http.ResponseWriter, r *http.Request) {
	cmd := exec.CommandContext(r.Context(), "qrencode", "--output=-", "--", r.PathValue("id"))
	cmd.Stdout = w
	w.Header().Set("Content-Type", "image/png")
	if err := cmd.Run(); err != nil {
		http.Error(w, "no QR code", http.StatusInternalServerError)
	}
}
