// The page is whole without this script: it only filters the table, opens what is linked, and opens all for printing.
(function () {
  'use strict';
  var form = document.getElementById('filters');
  if (form === null) { return; }
  var box = document.getElementById('filter');
  var shown = document.getElementById('shown');
  var groups = Array.from(form.querySelectorAll('input[name=group]'));
  var rows = Array.from(document.querySelectorAll('[data-group]')).map(function (body) {
    var fold = body.closest('details.fold');
    var rule = fold === null ? '' : ' ' + fold.querySelector('summary').textContent;
    return { body: body, group: body.dataset.group, text: (body.textContent + rule).toLowerCase() };
  });

  var folds = Array.from(document.querySelectorAll('details.fold'));

  function filter() {
    var words = box.value.toLowerCase().split(' ').filter(Boolean);
    var on = groups.filter(function (g) { return g.checked; }).map(function (g) { return g.value; });
    var count = 0;
    rows.forEach(function (row) {
      var seen = words.every(function (w) { return row.text.includes(w); });
      if (!on.includes(row.group)) { seen = false; }
      row.body.hidden = !seen;
      count += seen ? 1 : 0;
    });
    folds.forEach(function (fold) {
      var any = Array.from(fold.querySelectorAll('[data-group]')).some(function (item) { return !item.hidden; });
      fold.hidden = !any;
      fold.open = any && words.length > 0;
    });
    shown.textContent = count.toLocaleString('en') + ' of ' + rows.length.toLocaleString('en') + ' shown';
  }

  function openTarget() {
    var body = document.getElementById(location.hash.slice(1));
    var details = body === null ? null : body.querySelector('details');
    if (details !== null) { details.open = true; }
  }

  form.hidden = false;
  form.addEventListener('submit', function (event) { event.preventDefault(); });
  form.addEventListener('input', filter);
  window.addEventListener('hashchange', openTarget);
  window.addEventListener('beforeprint', function () {
    document.querySelectorAll('tbody.stop details, tbody.warn details').forEach(function (d) { d.open = true; });
  });
  filter();
  openTarget();
}());
