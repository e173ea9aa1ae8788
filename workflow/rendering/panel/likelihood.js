// One site's likelihood on a grid, kept in pieces that do not depend on how reliable its sources are.
"use strict";

// So many doubtful sources of one site are taken apart: into every set of them that may be right.
const APART = 2;

// The likelihood of the statements as a sum of terms: the probability `share` that just these statements count, each
// wrong source's own probability included; sources too many to take apart stay `mixed` within the one term.
function termsOf(sources) {
  const doubtful = sources.filter(({ epsilon }) => epsilon > 0);
  const sure = sources.filter(({ epsilon }) => !(epsilon > 0)).flatMap(({ positions }) => positions);
  if (doubtful.length > APART) {
    return [{ share: 1, statements: sure, mixtures: doubtful.map(({ positions, epsilon, q }) => ({ positions, right: 1 - epsilon, wrong: epsilon * q })) }];
  }
  return doubtful.reduce((terms, { positions, epsilon, q }) => terms.flatMap((term) => [
    { ...term, share: term.share * (1 - epsilon), statements: [...term.statements, ...positions].sort((a, b) => a - b) },
    { ...term, share: term.share * epsilon * q },
  ]), [{ share: 1, statements: sure, mixtures: [] }]);
}

// Keeps of every term that was asked for a piece: the probability that its statements hold, over tau (slowest) and the
// axes they depend on, and for each row, once the site effects are asked for, its derivatives along that row's tilt.
class SiteLikelihood {
  constructor(site, grid) {
    Object.assign(this, { site, grid, used: usedAxes(site), given: grid.nodes.tau.map((tau) => absorb(site, tau)), pieces: new Map() });
    this.size = this.used.reduce((n, c) => n * grid.shape[c], 1);
    this.numbers = site.numbers.length ? this.logNumbers() : null;
  }

  // Log density of the numbers.
  logNumbers() {
    const { site: { rows, numbers }, grid, used, size, given } = this, out = new Float64Array(size * given.length);
    const residuals = numbers.map((i) => predictor(rows[i].design, grid.axes, used).map((m) => rows[i].y - m));
    given.forEach(({ inverse, logDeterminant }, t) => {
      const constant = logDeterminant + numbers.length * Math.log(2 * Math.PI);
      for (let g = 0; g < size; g++) {
        let quadratic = 0;
        for (let i = 0; i < numbers.length; i++) {
          for (let j = 0; j < numbers.length; j++) quadratic += inverse[i][j] * residuals[i][g] * residuals[j][g];
        }
        out[t * size + g] = -(quadratic + constant) / 2;
      }
    });
    return out;
  }

  // The pieces of the site's terms under its reliabilities, each beside its share.
  shared(sources) {
    const terms = termsOf(sources).map(({ share, ...term }) => ({ share, term, name: JSON.stringify(term) }));
    const missing = terms.filter(({ name }) => !this.pieces.has(name));
    for (const { name, term } of missing) this.pieces.set(name, { term });
    this.eachTau(missing.map(({ name }) => this.pieces.get(name)), false, (piece, { axes, parts: [{ values }] }, t) => {
      if (t === 0) Object.assign(piece, { axes, size: values.length, values: new Float64Array(values.length * this.given.length) });
      piece.values.set(values, t * values.length);
    });
    return terms.map(({ share, name }) => ({ share, piece: this.pieces.get(name) }));
  }

  // take(piece, table, t) for the probability of every piece at every tau node.
  eachTau(pieces, derivatives, take) {
    const { site: { rows, statements }, grid } = this, certain = { axes: [], parts: [{ of: [], values: Float64Array.of(1) }] };
    if (pieces.length) this.given.forEach((given, t) => {
      const { nodes, weights } = shiftNodes(given), multiplied = (a, b) => product(a, b, nodes.length, grid);
      const tables = statements.map((r, b) => statementTable(rows[r], given, b, nodes, grid.axes, derivatives));
      for (const piece of pieces) {
        const mixtures = piece.term.mixtures.map(({ positions, right, wrong }) => mixed(positions.map((b) => tables[b]).reduce(multiplied), right, wrong));
        const factors = [...piece.term.statements.map((b) => tables[b]), ...mixtures];
        take(piece, factors.length ? allHold(factors, weights, grid) : certain, t);
      }
    });
  }

  // Log likelihood over tau and the axes the site uses.
  logValues(shared) {
    const { grid, used, size, numbers } = this, values = new Float64Array(size * this.given.length);
    for (const { share, piece } of shared) {
      const place = grid.place(piece.axes, used);
      for (let t = 0, i = 0; t < this.given.length; t++) for (let g = 0; g < size; g++, i++) values[i] += share * piece.values[t * piece.size + place[g]];
    }
    for (let i = 0; i < values.length; i++) values[i] = Math.log(Math.max(values[i], 1e-300)) + (numbers ? numbers[i] : 0);
    return values;
  }

  // A tilt exp(h theta) of the prior, theta the effect of row r, moves the rows' means by h tau^2 R: the numbers and,
  // given them, the statements so many times h.
  tilt(r, t) {
    const { site: { R, numbers, statements }, given, grid } = this, t2 = grid.nodes.tau[t] ** 2;
    const moved = numbers.map((i) => t2 * R[r][i]), { gain } = given[t];
    return { numbers: moved, statements: statements.map((a, b) => t2 * R[r][a] - moved.reduce((sum, x, k) => sum + gain[b][k] * x, 0)) };
  }

  // Fills in for every row's tilt the first and second derivative of each piece over the piece.
  differentiate(shared) {
    const missing = shared.map(({ piece }) => piece).filter((piece) => !piece.slopes), { rows } = this.site;
    for (const piece of missing) piece.slopes = rows.map(() => [new Float32Array(piece.values.length), new Float32Array(piece.values.length)]);
    this.eachTau(missing, true, ({ slopes, size }, { parts: [{ values }, ...parts] }, t) => {
      const tilts = rows.map((_, r) => this.tilt(r, t).statements), share = new Float64Array(size);
      for (let g = 0; g < size; g++) share[g] = 1 / Math.max(values[g], 1e-300);
      for (const { of, values: part } of parts) for (const [r, moved] of tilts.entries()) {
        const out = slopes[r][of.length - 1], by = of.reduce((product, b) => product * moved[b], of.length === 2 && of[0] !== of[1] ? 2 : 1);
        for (let g = 0, i = t * size; g < size; g++, i++) out[i] += by * part[g] * share[g];
      }
    });
  }

  // Probability of each term at these points of the posterior, given mu, tau and what the site's rows say.
  chances(shared, { tau, cell }) {
    const whole = new Float64Array(cell.length).fill(1e-300), found = shared.map(({ share, piece: { axes, size, values } }) => {
      const place = this.grid.place(axes), chance = new Float64Array(cell.length);
      for (let k = 0; k < cell.length; k++) whole[k] += chance[k] = share * values[tau[k] * size + place[cell[k]]];
      return chance;
    });
    for (const chance of found) for (let k = 0; k < cell.length; k++) chance[k] /= whole[k];
    return found;
  }

  // First and second derivative of the log likelihood along the tilt of row r, at these points.
  slopes(shared, chances, r, { tau, cell }) {
    const first = new Float64Array(cell.length), second = new Float64Array(cell.length), { used, grid } = this;
    for (const [n, { piece: { axes, size, slopes } }] of shared.entries()) {
      const place = grid.place(axes), [once, twice] = slopes[r], chance = chances[n];
      for (let k = 0; k < cell.length; k++) {
        const i = tau[k] * size + place[cell[k]];
        first[k] += chance[k] * once[i];
        second[k] += chance[k] * twice[i];
      }
    }
    for (let k = 0; k < cell.length; k++) second[k] -= first[k] * first[k];
    if (!this.numbers) return [first, second];
    const numbers = this.given.map((_, t) => this.numberSlopes(r, t)), place = grid.place(used);
    for (let k = 0; k < cell.length; k++) {
      const { once, twice } = numbers[tau[k]];
      first[k] += once[place[cell[k]]];
      second[k] += twice;
    }
    return [first, second];
  }

  // The same of the numbers alone, at one tau node: on the axes the site uses, and everywhere.
  numberSlopes(r, t) {
    const { site: { rows, numbers }, given, grid, used } = this, { numbers: moved } = this.tilt(r, t);
    const pull = given[t].inverse.map((line) => line.reduce((sum, x, k) => sum + x * moved[k], 0));
    const sum = (of) => numbers.reduce((total, i, k) => total + pull[k] * of(rows[i]), 0), observed = sum(({ y }) => y);
    const expected = predictor(rows[r].design.map((_, c) => sum(({ design }) => design[c])), grid.axes, used);
    return { once: expected.map((x) => observed - x), twice: -moved.reduce((total, x, k) => total + x * pull[k], 0) };
  }
}
