-- The declared subset in Pandoc's terms, with Quarto's class names and ids. Runs before citeproc, which would take
-- @fig-x for a citation. source.py has refused what does not belong; an error here is the last wall. Several attributes
-- are given as a list of pairs: a Lua table has no order, and the page must be the same bytes each time.

local words, labels, section, counts, tabsets, walk = {}, {}, {}, { fig = 0, tbl = 0, eq = 0 }, 0, nil
local inlines_of = pandoc.utils.blocks_to_inlines

local function kind_of(id) return id:match('^(%a+)%-') end
local function label(id, number)
  if labels[id] then error('the id ' .. id .. ' is given twice') end
  labels[id] = tostring(number)
end

-- Section numbers begin at level 2: level 1 is the page's title.
local function heading(h)
  if h.classes:includes('unnumbered') then return nil end
  local depth = h.level - 1
  section[depth] = (section[depth] or 0) + 1
  for i = depth + 1, #section do section[i] = nil end
  local number = table.concat(section, '.')
  if kind_of(h.identifier) == 'sec' then label(h.identifier, number) end
  h.content = pandoc.Inlines { pandoc.Span(number, { class = 'header-section-number' }), pandoc.Space() } .. h.content
  return h
end

-- A table carries its caption above and scrolls within its own frame; a figure carries it below.
local function float(id, content, caption)
  local kind, caption_id = kind_of(id), id .. '-caption'
  counts[kind] = counts[kind] + 1
  label(id, counts[kind])
  local title = pandoc.Inlines { words[kind] .. '\u{a0}' .. counts[kind] .. ':', pandoc.Space() } .. caption
  local open = '<figcaption id="%s" class="figure quarto-float-caption quarto-float-%s">'
  local figcaption = pandoc.Blocks { pandoc.RawBlock('html', open:format(caption_id, kind)), pandoc.Plain(title),
    pandoc.RawBlock('html', '</figcaption>') }
  local body = pandoc.Div(content, { ['aria-describedby'] = caption_id })
  if kind == 'tbl' then
    local frame = { { 'role', 'region' }, { 'tabindex', '0' }, { 'aria-labelledby', caption_id } }
    body.attr = pandoc.Attr('', { 'scroll' }, frame)
  end
  local parts = kind == 'tbl' and figcaption .. { body } or pandoc.Blocks { body } .. figcaption
  parts:insert(1, pandoc.RawBlock('html', '<figure class="quarto-float quarto-float-' .. kind .. ' figure">'))
  parts:insert(pandoc.RawBlock('html', '</figure>'))
  return pandoc.Div(parts, pandoc.Attr(id, { 'quarto-float', 'quarto-figure' }))
end

local function callout(div, kind)
  local title = { words[kind] }
  if div.content[1] and div.content[1].t == 'Header' then title = div.content:remove(1).content end
  local head = pandoc.Div(pandoc.Plain(title), { class = 'callout-header callout-title-container' })
  local body = pandoc.Div(walk(div.content), { class = 'callout-body-container callout-body' })
  return pandoc.Div({ head, body }, { class = 'callout callout-style-default callout-titled callout-' .. kind, role = 'note' })
end

-- Without script every tab stands under its own title; the page's script makes them tabs.
local function tabset(div)
  tabsets = tabsets + 1
  local panes, level = pandoc.Blocks {}, nil
  for _, block in ipairs(div.content) do
    if block.t == 'Header' and (level or block.level) == block.level then
      level = block.level
      local id = 'tabset-' .. tabsets .. '-' .. (#panes + 1)
      local title = pandoc.Div(pandoc.Para(pandoc.Strong(block.content)), pandoc.Attr(id .. '-tab', { 'tab-title' }))
      panes:insert(pandoc.Div(title, pandoc.Attr(id, { 'tab-pane' })))
    else
      if not level then error('a panel-tabset must begin with a heading') end
      panes[#panes].content:insert(block)
    end
  end
  return pandoc.Div(pandoc.Div(walk(panes), { class = 'tab-content' }), { class = 'panel-tabset' })
end

-- "$$ … $$ {#eq-x}": to Pandoc the braces are plain text behind the formula.
local function equations(inlines)
  for i, formula in ipairs(inlines) do
    local gap = inlines[i + 1] and inlines[i + 1].text and 1 or 2
    local id = inlines[i + gap] and (inlines[i + gap].text or ''):match('^{#(eq%-[%w-]+)}$')
    if id and formula.mathtype == 'DisplayMath' then
      counts.eq = counts.eq + 1
      label(id, counts.eq)
      local number = pandoc.Span('(' .. counts.eq .. ')', { class = 'equation-number' })
      local frame = { { 'role', 'group' }, { 'tabindex', '0' }, { 'aria-label', words.eq .. ' ' .. counts.eq } }
      inlines[i] = pandoc.Span({ formula, number }, pandoc.Attr(id, { 'equation' }, frame))
      for _ = 1, gap do inlines:remove(i + 1) end
    end
  end
  return inlines
end

local function image(img) -- source.py has seen to it that this is a file of ours
  local _, svg = pandoc.mediabag.fetch(img.src)
  svg = svg:gsub('[^%w%-_.~/=,:;() ]', function(c) return ('%%%02X'):format(c:byte()) end)
  return pandoc.Image({}, 'data:image/svg+xml,' .. svg, '', { alt = img.attributes['fig-alt'], class = 'figure-img' })
end

function walk(blocks)
  return blocks:walk {
    traverse = 'topdown',
    Header = heading,
    Inlines = equations,
    Image = image,
    Figure = function(f) return float(f.identifier, walk(f.content), inlines_of(f.caption.long)), false end,
    Table = function(t)
      local id, caption = t.identifier, inlines_of(t.caption.long)
      if kind_of(id) ~= 'tbl' then error('a table lacks its line ": Caption {#tbl-name}" below it') end
      t.identifier, t.caption = '', pandoc.Caption()
      return float(id, { t }, caption), false
    end,
    Div = function(div)
      local kind = table.concat(div.classes, ' '):match('callout%-(%a+)')
      if kind then return callout(div, kind), false end
      if div.classes:includes('panel-tabset') then return tabset(div), false end
      if counts[kind_of(div.identifier)] then
        local last = div.content:remove()
        if not last or last.t ~= 'Para' then error(div.identifier .. ' needs its caption as its last paragraph') end
        return float(div.identifier, walk(div.content), last.content), false
      end
    end,
  }
end

local function reference(cite)
  local links = pandoc.Inlines {}
  for _, citation in ipairs(cite.citations) do
    local kind, number = kind_of(citation.id), labels[citation.id]
    if not number then return nil end -- a citation for citeproc, which fails on an unknown one
    if #links > 0 then links:extend { ',', pandoc.Space() } end
    local text = citation.mode == 'SuppressAuthor' and number or words[kind] .. '\u{a0}' .. number
    links:insert(pandoc.Link(text, '#' .. citation.id, '', { class = 'quarto-xref' }))
  end
  return links
end

return { { Pandoc = function(doc)
  for key, value in pairs(doc.meta.words) do words[key] = pandoc.utils.stringify(value) end
  doc.blocks = walk(doc.blocks)
  return doc
end }, { Cite = reference } }
