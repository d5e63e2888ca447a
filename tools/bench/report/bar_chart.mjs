// Bars beside the peers: one panel a kind of work, one bar a contestant, a whisker from the smallest
// to the largest value.
import { element, label, svgFile } from './svg.mjs';

const rowHeight = 20;
const labelWidth = 230;
const barWidth = 360;
const valueWidth = 130;
const width = labelWidth + barWidth + valueWidth;
const titleHeight = 34;

function bar({ name, label: text, values, show }, y, scale) {
  const x = labelWidth;
  const middle = y + rowHeight / 2;
  const whisker = element('path', {
    class: 'range',
    d: `M${(x + values.min * scale).toFixed(2)} ${middle}H${(x + values.max * scale).toFixed(2)}`,
  });
  return [
    label(x - 8, middle + 4, text, { 'text-anchor': 'end' }),
    element('rect', {
      class: name,
      x,
      y: y + 3,
      width: values.median * scale,
      height: rowHeight - 6,
    }),
    whisker,
    label(x + values.max * scale + 6, middle + 4, show(values.median)),
  ].join('');
}

/**
 * @param {{title: string, bars: {name, label, values: {median, min, max}, show}[]}[]} panels
 *   panels without bars are left out
 */
export function barChart(title, panels) {
  let y = 0;
  const parts = panels
    .filter(({ bars }) => bars.length > 0)
    .map((panel) => {
      const scale = barWidth / Math.max(...panel.bars.map(({ values }) => values.max));
      const top = y + titleHeight;
      y = top + panel.bars.length * rowHeight;
      return (
        label(labelWidth, top - 10, panel.title, { class: 'title' }) +
        panel.bars.map((each, i) => bar(each, top + i * rowHeight, scale)).join('')
      );
    });
  return svgFile({ width, height: y + 12, title }, parts.join(''));
}
