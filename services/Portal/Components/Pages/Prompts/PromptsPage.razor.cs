using System.Globalization;
using CloudPbx.Contracts.Api;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace CloudPbx.Portal.Components.Pages.Prompts;

/// <summary>A tenant's own sounds: music for who is held, the notice of a recording, greetings of conference rooms.</summary>
public partial class PromptsPage
{
    private const long LargestSound = 32 * 1024 * 1024;           // as the API has it

    private readonly FormErrors _errors = new();
    private IReadOnlyList<PromptDto>? _prompts;
    private string? _shown, _name, _replaced, _uploading, _open;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_shown == Tenant)
            return;
        _shown = Tenant;
        await ReadAsync();
    }

    private Task ReadAsync() => LoadAsync(async () => _prompts = await Here.PromptsAsync(Gone));

    private async Task ChooseAsync(string? replaced)
    {
        _replaced = replaced;
        await Browser.InvokeVoidAsync("cloudpbx.click", Gone, "#prompt-file");
    }

    private async Task UploadAsync(InputFileChangeEventArgs change)
    {
        _errors.Clear();
        string name = _replaced ?? (string.IsNullOrWhiteSpace(_name) ? NameOf(change.File.Name) : _name.Trim());
        if (change.File.Size > LargestSound)
        {
            _errors.Refuse(T["prompts.large", LargestSound / 1024 / 1024]);
            return;
        }
        _uploading = change.File.Name;
        bool done = await TryAsync(async () =>
        {
            await using Stream file = change.File.OpenReadStream(LargestSound, Gone);
            await Here.PutPromptAsync(name, file, Gone);
        }, _errors, "name");
        _uploading = null;
        if (!done)
            return;
        _name = null;
        Done(T["prompts.stored", name]);
        await ReadAsync();
    }

    private async Task DeleteAsync(PromptDto prompt)
    {
        if (await DestroyAsync(T["prompts.delete-title", prompt.Name], T["prompts.delete-text"], T["prompts.delete"], prompt.Name, () => Here.DeletePromptAsync(prompt.Name, Gone)))
            await ReadAsync();
    }

    /// <summary>The upload's instant belongs to the address: a browser keeps what it has played.</summary>
    private string Address(PromptDto prompt) =>
        $"/prompts/{Uri.EscapeDataString(Tenant)}/{Uri.EscapeDataString(prompt.Name)}.wav?v={prompt.UploadedAt.Ticks.ToString(CultureInfo.InvariantCulture)}";

    private string UseName(string use) => use.Split(' ') is [_, var number] ? T["prompts.use-conference", number] : T["prompts.use-" + use];

    /// <summary>A name out of the file's: letters, digits and hyphens of it.</summary>
    private static string NameOf(string file)
    {
        string name = string.Concat(Path.GetFileNameWithoutExtension(file).ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return name.Length > 63 ? name[..63].Trim('-') : name.Length == 0 ? "prompt" : name;
    }
}
