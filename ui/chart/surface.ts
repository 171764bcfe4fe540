import { h, setText } from '../dom.js';
import { colourOf } from './heat.js';

const VERTEX = `#version 300 es
in vec3 place; in vec3 colour; uniform mat4 camera; uniform float nearer; out vec3 shade;
void main() { gl_Position = camera * vec4(place, 1.0); gl_Position.z -= nearer * gl_Position.w; shade = colour; }`;
const FRAGMENT = `#version 300 es
precision mediump float; in vec3 shade; uniform float dim; out vec4 pixel;
void main() { pixel = vec4(shade * dim, 1.0); }`;

/** A surface in space by WebGL2: one mesh, one set of lines, turned by pointer and keys. */
export class SurfaceView {
  readonly element = h('div', 'figure', [], {
    tabindex: '0',
    role: 'img',
    'aria-label': 'Volatility surface; the table below holds the same numbers',
  });
  /** Whether this browser can draw it at all. */
  readonly isPossible: boolean;
  private readonly canvas = h('canvas');
  private readonly caption = h('div', 'note');
  private readonly gl: WebGL2RenderingContext | null;
  private program: WebGLProgram | null = null;
  private yaw = 0.7;
  private pitch = 0.55;
  private last: [grid: number[][], names: readonly string[], low: number, high: number] | undefined;
  private readonly columns: readonly string[];

  constructor(columns: readonly string[]) {
    this.columns = columns;
    this.gl = this.canvas.getContext('webgl2', { antialias: true });
    this.isPossible = this.gl !== null;
    this.caption.style.position = 'absolute';
    this.caption.style.top = '0';
    this.element.append(this.canvas, this.caption);
    this.canvas.addEventListener('pointermove', ({ buttons, movementX, movementY }) => {
      if (buttons !== 0) this.turn(movementX * 0.01, movementY * 0.01);
    });
    // A context that is lost is made anew by the browser: then everything on the card is gone.
    this.canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      this.program = null;
    });
    this.canvas.addEventListener('webglcontextrestored', () => this.paint());
  }

  /** @param lift what was added to all numbers, so that none is below zero; the caption is without it */
  draw(grid: number[][], names: readonly string[], low: number, high: number, lift = 0): void {
    this.last = [grid, names, low, high];
    setText(
      this.caption,
      `${((low - lift) * 100).toFixed(1)} to ${((high - lift) * 100).toFixed(1)} % · ${this.columns[0]} to ${this.columns.at(-1)} · ${names[0] ?? ''} (front) to ${names.at(-1) ?? ''} (back)`,
    );
    this.paint();
  }

  key({ key }: KeyboardEvent): boolean {
    const turns: Record<string, [number, number]> = {
      ArrowLeft: [-0.1, 0],
      ArrowRight: [0.1, 0],
      ArrowUp: [0, -0.1],
      ArrowDown: [0, 0.1],
    };
    const turn = turns[key];
    if (turn === undefined) return false;
    this.turn(...turn);
    return true;
  }

  resized(): void {
    this.paint();
  }

  close(): void {
    this.gl?.getExtension('WEBGL_lose_context')?.loseContext();
  }

  private turn(yaw: number, pitch: number): void {
    this.yaw += yaw;
    this.pitch = Math.min(1.5, Math.max(0.05, this.pitch + pitch));
    this.paint();
  }

  private paint(): void {
    const { gl, canvas, last, element } = this;
    if (gl === null || last === undefined || gl.isContextLost() || element.hidden) return;
    const { clientWidth, clientHeight } = element;
    if (clientWidth === 0 || clientHeight === 0) return;
    canvas.width = clientWidth * devicePixelRatio;
    canvas.height = clientHeight * devicePixelRatio;
    this.program ??= program(gl);
    const { vertices, triangles, lines } = mesh(...last);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.enable(gl.DEPTH_TEST);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.useProgram(this.program);
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, vertices, gl.STREAM_DRAW);
    for (const [name, offset] of [
      ['place', 0],
      ['colour', 12],
    ] as const) {
      const at = gl.getAttribLocation(this.program, name);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, 3, gl.FLOAT, false, 24, offset);
    }
    gl.uniformMatrix4fv(
      gl.getUniformLocation(this.program, 'camera'),
      false,
      camera(this.yaw, this.pitch, clientWidth / clientHeight),
    );
    const dim = gl.getUniformLocation(this.program, 'dim');
    const nearer = gl.getUniformLocation(this.program, 'nearer');
    const indices = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, indices);
    for (const [list, mode, light] of [
      [triangles, gl.TRIANGLES, 1],
      [lines, gl.LINES, 0.35],
    ] as const) {
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, list, gl.STREAM_DRAW);
      gl.uniform1f(dim, light);
      // Lines lie in the surface: brought a little nearer, they are not broken by it.
      gl.uniform1f(nearer, mode === gl.LINES ? 0.004 : 0);
      gl.drawElements(mode, list.length, gl.UNSIGNED_SHORT, 0);
    }
    gl.deleteBuffer(buffer);
    gl.deleteBuffer(indices);
  }
}

function program(gl: WebGL2RenderingContext): WebGLProgram {
  const made = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  return made;
}

/** Vertices (place and colour), triangles and lines. A cell with a corner that is not known is left out. */
export function mesh(
  grid: number[][],
  _names: readonly string[],
  low: number,
  high: number,
): { vertices: Float32Array; triangles: Uint16Array; lines: Uint16Array } {
  const rows = grid.length;
  const columns = grid[0]?.length ?? 0;
  const vertices: number[] = [];
  const triangles: number[] = [];
  const lines: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = grid[row]![column]!;
      const share = value > 0 ? (value - low) / (high - low || 1) : 0;
      vertices.push(
        (2 * column) / (columns - 1) - 1,
        share - 0.5,
        rows > 1 ? 1 - (2 * row) / (rows - 1) : 0,
        ...colourOf(share),
      );
      const at = row * columns + column;
      const known = (r: number, c: number) => (grid[r]?.[c] ?? Number.NaN) > 0;
      if (known(row, column) && known(row, column + 1)) lines.push(at, at + 1);
      if (known(row, column) && known(row + 1, column)) lines.push(at, at + columns);
      if (known(row, column) && known(row, column + 1) && known(row + 1, column) && known(row + 1, column + 1)) {
        triangles.push(at, at + 1, at + columns, at + 1, at + columns + 1, at + columns);
      }
    }
  }
  return { vertices: new Float32Array(vertices), triangles: new Uint16Array(triangles), lines: new Uint16Array(lines) };
}

/** Perspective of a camera that circles the surface, column by column. */
function camera(yaw: number, pitch: number, aspect: number): Float32Array {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const distance = 2.7;
  // Close about the surface: depths that lie far apart keep its lines from breaking.
  const near = 0.8;
  const far = 5;
  const f = 1.9;
  const a = (far + near) / (near - far);
  const b = (2 * far * near) / (near - far);
  // Rows of the view: turned about the vertical, then tilted, then moved away.
  const x = [cy, 0, sy, 0];
  const y = [sp * sy, cp, -sp * cy, 0];
  const z = [-cp * sy, sp, cp * cy, -distance];
  const rows = [
    x.map((v) => (v * f) / aspect),
    y.map((v) => v * f),
    z.map((v, at) => a * v + (at === 3 ? b : 0)),
    z.map((v) => -v),
  ];
  return new Float32Array([0, 1, 2, 3].flatMap((column) => rows.map((row) => row[column]!)));
}
