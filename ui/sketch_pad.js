// A sheet of white paper: strokes as they are drawn, undone, cleared, or loaded from a file.
// One that is marked as clear lies over a picture, which shows where it is not painted.
const INK = '#1c1917', PAPER = '#ffffff', PAINT = '#2f6fe4', MOST_UNDONE = 30, EVERY = 250; // ms between looks at a stroke
let tool = 'brush', last = null, spoken = 0, past = [];
const canvas = () => element.querySelector('canvas');
const paper = () => canvas().getContext('2d', {willReadFrequently: true});

const clear = () => 'clear' in canvas().dataset;
const blank = () => {
    paper().clearRect(0, 0, canvas().width, canvas().height);
    if (clear()) return;
    paper().fillStyle = PAPER;
    paper().fillRect(0, 0, canvas().width, canvas().height);
};
const remember = () => {
    past.push(paper().getImageData(0, 0, canvas().width, canvas().height));
    if (past.length > MOST_UNDONE) past.shift();
};
const say = () => {
    spoken = performance.now();
    trigger('input');
};
// The page gives the pad a drawing, after an upload or a reload, by its attributes.
const begin = (sheet) => {
    sheet.dataset.begun = '1';
    blank();
    if (!sheet.dataset.drawing) return;
    const drawing = new Image();
    drawing.onload = () => {
        paper().drawImage(drawing, 0, 0, sheet.width, sheet.height);
        if (sheet.dataset.fresh) say();
    };
    drawing.src = sheet.dataset.drawing;
};
const look = () => element.querySelectorAll('canvas:not([data-begun])').forEach(begin);
const marks = ['data-drawing', 'data-begun']; // Gradio changes attributes in place where it can
new MutationObserver(look).observe(element, {subtree: true, childList: true, attributeFilter: marks});
look();

const place = (event) => {
    const box = canvas().getBoundingClientRect(), scale = canvas().width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
};
const stroke = (event) => {
    const pen = paper(), size = Number(element.querySelector('[type=range]').value);
    const brush = tool === 'brush', finer = clear() ? Math.max(canvas().width, canvas().height) / 512 : 1;
    pen.strokeStyle = !brush ? PAPER : clear() ? PAINT : INK;
    pen.globalCompositeOperation = !brush && clear() ? 'destination-out' : 'source-over';
    pen.lineWidth = finer * (brush ? size : clear() ? size : 3 * size);
    pen.lineCap = pen.lineJoin = 'round';
    pen.beginPath();
    pen.moveTo(...(last || place(event)));
    const steps = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const step of steps.length ? steps : [event]) {
        last = place(step);
        pen.lineTo(...last);
    }
    pen.stroke();
};
element.addEventListener('pointerdown', (event) => {
    if (event.target !== canvas() || event.button !== 0) return;
    canvas().setPointerCapture(event.pointerId);
    remember();
    last = null;
    stroke(event);
});
element.addEventListener('pointermove', (event) => {
    if (!last) return;
    stroke(event);
    if (performance.now() - spoken > EVERY) say();
});
const lift = () => {
    if (!last) return;
    last = null;
    say();
};
element.addEventListener('pointerup', lift);
element.addEventListener('pointercancel', lift);

const act = {
    undo: () => past.length && paper().putImageData(past.pop(), 0, 0),
    clear: () => { remember(); blank(); },
};
element.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.act) {
        act[button.dataset.act]();
        say();
    } else {
        tool = button.dataset.tool;
        element.querySelectorAll('[data-tool]').forEach((one) =>
            one.setAttribute('aria-pressed', String(one === button)));
    }
});
element.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== 'z') return;
    event.preventDefault();
    act.undo();
    say();
});
// The words beside the paper: Gradio tells of pressed keys only, not of what is pasted, dictated or taken away.
let soon = 0;
document.addEventListener('input', (event) => {
    const words = canvas()?.dataset.words;
    if (!words || !event.target.closest(words)) return;
    clearTimeout(soon);
    soon = setTimeout(say, EVERY);
});

const send = async (file) => {
    const form = new FormData();
    form.append('files', file);
    const answer = await fetch('gradio_api/upload', {method: 'POST', body: form});
    const paths = answer.ok ? await answer.json() : [null];
    trigger('upload', {path: paths[0]});
};
element.addEventListener('change', (event) => {
    if (event.target.type !== 'file' || !event.target.files.length) return;
    send(event.target.files[0]);
    event.target.value = '';
});
element.addEventListener('dragover', (event) => event.preventDefault());
element.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
});
