-- Choosing one of several labelled things: Telescope when it is there, vim.ui.select otherwise.
local M = {}

local function telescope(title, items, format, choose)
  local pickers = require('telescope.pickers')
  local finders = require('telescope.finders')
  local actions = require('telescope.actions')
  local action_state = require('telescope.actions.state')
  pickers
    .new({}, {
      prompt_title = title,
      finder = finders.new_table({
        results = items,
        entry_maker = function(item)
          local label = format(item)
          return { value = item, display = label, ordinal = label }
        end,
      }),
      sorter = require('telescope.config').values.generic_sorter({}),
      attach_mappings = function(prompt)
        actions.select_default:replace(function()
          local entry = action_state.get_selected_entry()
          actions.close(prompt)
          if entry then
            choose(entry.value)
          end
        end)
        return true
      end,
    })
    :find()
end

function M.pick(title, items, format, choose)
  local wanted = require('wgsl_ls').options.picker
  if wanted ~= 'select' and pcall(require, 'telescope') then
    return telescope(title, items, format, choose)
  end
  vim.ui.select(items, { prompt = title, format_item = format, kind = 'wgsl_ls' }, function(item)
    if item then
      choose(item)
    end
  end)
end

return M
