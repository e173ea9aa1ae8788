-- Pandoc's Typst writer leaves out a figure's alternative text.
function Image(img)
  local function quoted(text) return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"') .. '"' end
  local alt = img.attributes['fig-alt'] or error('the image ' .. img.src .. ' needs fig-alt')
  return pandoc.RawInline('typst', ('#image(%s, alt: %s)'):format(quoted(img.src), quoted(alt)))
end
