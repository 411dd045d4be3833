-- What somebody does with a Dockerfile in Neovim: wait for the findings, hover, take a fix, and write the file.
local out, result = vim.env.IMGLINT_OUT, {}

local function findings(count)
  vim.wait(30000, function() return #vim.diagnostic.get(0) == count end, 50)
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do
    table.insert(found, { each.code, each.lnum, each.col, each.end_lnum, each.end_col, each.source })
  end
  return found
end

-- What the editor and the server agreed on to count in, which differs between versions of Neovim.
local function encoding()
  local _, client = next(vim.lsp.get_clients and vim.lsp.get_clients({ bufnr = 0 }) or vim.lsp.buf_get_clients(0))
  return client.offset_encoding
end

local function ask(method, extra)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, encoding()), extra or {})
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 30000) or {}) do
    return answer.result
  end
end

local function act()
  vim.cmd("edit Dockerfile")
  result.findings = findings(1)
  vim.api.nvim_win_set_cursor(0, { 2, result.findings[1][3] + 2 })
  local hover = ask("textDocument/hover")
  result.hover = hover and hover.contents.value
  local place = vim.lsp.util.make_range_params(0, encoding()).range
  local actions = ask("textDocument/codeAction", { range = place, context = { diagnostics = {} } })
  result.actions = vim.tbl_map(function(each) return each.title end, actions)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, encoding())
  result.after = findings(0)
  vim.cmd("write")
end

local ok, problem = pcall(act)
result.problem = not ok and problem or nil
local file = io.open(out, "w")
file:write(vim.json and vim.json.encode(result) or vim.fn.json_encode(result))
file:close()
vim.cmd("qall!")
