using CloudPbx.Data.Prompts;
using CloudPbx.MediaControl;

namespace CloudPbx.CallControl.Calls;

/// <summary>The tenant's own sounds instead of those that are built in.</summary>
internal sealed partial class Call
{
    /// <summary>Names a sound: the tenant's own where its settings name one that it has, else the built-in one.</summary>
    private string OwnOr(string? prompt, string builtIn) =>
        prompt is not null && Configuration.Prompts.TryGetValue(prompt, out ConfiguredPrompt? own) ? OwnSound.Prefix + own.Audio : builtIn;

    /// <summary>Asks for one sound.</summary>
    /// <param name="sound">What <see cref="OwnOr"/> gave; an own one that was replaced meanwhile is the built-in one.</param>
    /// <param name="instead">The built-in sound that plays where the own one cannot be had.</param>
    private PromptRequest RequestOf(string sound, string? instead)
    {
        PromptRequest request = new() { Name = Guid.NewGuid().ToString("N"), Sounds = [sound] };
        if (!sound.StartsWith(OwnSound.Prefix, StringComparison.Ordinal))
            return request;
        if (Configuration.Prompts.Values.FirstOrDefault(prompt => OwnSound.Prefix + prompt.Audio == sound) is { } own && Configuration.Open(own.Audio, own.SealedKey) is { } key)
            return request with { Own = [new OwnSound { Tenant = Configuration.TenantId, Audio = own.Audio, Key = key, Instead = instead }] };
        return request with { Sounds = instead is null ? [] : [instead] };
    }

    /// <summary>Lets a party hear the tenant's own prompt, to its end or until a key; nothing where there is none.</summary>
    private async Task LetHearOwnAsync(CallLeg leg, string prompt)
    {
        PromptRequest request = RequestOf(OwnOr(prompt, ""), null) with { Until = AllDigits };
        if (request is { Sounds: [{ Length: > 0 }] } && await BeginPromptAsync(leg, request))
            await WaitForPromptAsync(leg, request.Name);
    }
}
