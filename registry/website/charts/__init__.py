"""Drawings of commitments: pure functions that return positions, and templates that draw them.

The grammar, the same on every page: right is towards the target; solid is known, striped is only
as last reported; dashed amber was promised first and given up; a filled dot is backed by evidence.

    bars.commitment_bar(record, item, headline)     one commitment, from starting point to target
    outcomes.outcome_bar(counts, address)           commitments by outcome: parts that add up
    records.record_strip(states)                    one square for each reporting period
    dots.dot_plot(facts), dots.median_strip(facts)  commitments of one measure beside each other
    added.measure_bars(totals)                      what was added to each measure
    months.month_line(code, name, days, counts)     a count at the end of each month
    years.year_chart(measured)                      shares on the same day of two years
    tables                                          totals of measures: the table is the chart

Each has a template in templates/components/charts/, which takes it by name:

    {% include "components/charts/bar.html" with bar=row.bar only %}         14 px, beside words
    {% include "components/charts/large_bar.html" with bar=page.bar only %}  with its labels
    {% include "components/charts/outcomes.html" with outcomes=outcomes only %}
    {% include "components/charts/outcomes_line.html" with outcomes=outcomes caption="…" only %}
    {% include "components/charts/record.html" with record=record only %}
    {% include "components/charts/record_legend.html" with record=record only %}
    {% include "components/row_figure.html" with headline=row.headline bar=row.bar only %}

Positions are per cent of the drawing, so that it fits any width and its text never shrinks. The
styles are in registry/design/_charts.scss: classes and custom properties, no inline styles. A
picture for other websites has no style sheet: it draws the same positions in its own colours.
"""
