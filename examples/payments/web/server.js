// The checkout pages: static files, receipts, and pictures of invoices.
import { exec, execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import axios from "axios";
import _ from "lodash";

const api = process.env.PAYMENTS_API ?? "http://payments-api:8080";
const receipt = _.template(readFileSync("receipt.html", "utf8"));

const routes = {
  "/receipt": async (query, response) => {
    const payment = await axios.get(`${api}/payments/${encodeURIComponent(query.get("id"))}`);
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(receipt({ payment: payment.data }));
  },
  "/invoice.png": (query, response) => {
    const invoice = query.get("invoice");
    exec(`pdftoppm -png -singlefile /srv/invoices/${invoice}.pdf -`, { encoding: "buffer" }, send(response, "image/png"));
  },
  "/barcode.png": (query, response) => {
    execFile("zint", ["--direct", `--data=${query.get("code")}`], { encoding: "buffer" }, send(response, "image/png"));
  },
  "/checkout.js": (_query, response) => {
    response.setHeader("Content-Type", "text/javascript");
    response.end(readFileSync("public/checkout.js"));
  },
};

function send(response, type) {
  return (error, bytes) => {
    response.statusCode = error ? 500 : 200;
    response.setHeader("Content-Type", type);
    response.end(error ? undefined : bytes);
  };
}

createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const route = routes[url.pathname];
  if (!route) {
    response.statusCode = 404;
    response.end();
    return;
  }
  await route(url.searchParams, response);
}).listen(3000);
