-- Pandoc's Typst writer leaves out a figure's alternative text, and knows no classes of blocks.
local function typst(text) return pandoc.RawBlock('typst', text) end

function Image(img)
  local function quoted(text) return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"') .. '"' end
  local alt = img.attributes['fig-alt'] or error('the image ' .. img.src .. ' needs fig-alt')
  return pandoc.RawInline('typst', ('#image(%s, alt: %s)'):format(quoted(img.src), quoted(alt)))
end

-- #answer[…], #small[…] and #facts[…] are in sheet.typ.
function Div(div)
  for _, class in ipairs { 'answer', 'small', 'facts' } do
    if div.classes:includes(class) then
      return pandoc.Blocks { typst('#' .. class .. '[') } .. div.content .. { typst(']') }
    end
  end
end
