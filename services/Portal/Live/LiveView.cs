using System.Collections.Immutable;
using System.Text.Json;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.Live;

/// <summary>A tenant's extensions and calls at one moment. Immutable.</summary>
public sealed record LiveView
{
    /// <summary>Nothing is known.</summary>
    public static LiveView Empty { get; } = new();

    /// <summary>The extensions that are not offline, by number: of ten thousand most are, and each open page has its view.</summary>
    public ImmutableSortedDictionary<string, LiveExtensionDto> Extensions { get; private init; } = ImmutableSortedDictionary.Create<string, LiveExtensionDto>(StringComparer.Ordinal);

    /// <summary>The calls, the oldest first.</summary>
    public ImmutableList<LiveCallDto> Calls { get; private init; } = [];

    /// <summary>The registered phones with their extensions.</summary>
    public ImmutableList<(LiveExtensionDto Extension, LivePhoneDto Phone)> Phones { get; private init; } = [];

    /// <summary>What is known after an event of the API's stream.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="data">Its JSON.</param>
    /// <returns>The new view, or <see langword="null"/> where the event tells nothing: a ping, a type that this version does not know.</returns>
    /// <exception cref="JsonException">It is not what the type says.</exception>
    public LiveView? After(string type, string data) => type switch
    {
        "snapshot" => Of(Read<LiveSnapshotDto>(data)),
        "extension" => With(Read<LiveExtensionDto>(data)),
        "call" => With(Read<LiveCallDto>(data)),
        "callEnded" => Without(Read<EndedCallDto>(data).Id),
        _ => null,
    };

    private static LiveView Of(LiveSnapshotDto snapshot) => Counted(new LiveView
    {
        Extensions = snapshot.Extensions.Where(IsThere).ToImmutableSortedDictionary(extension => extension.Number, extension => extension, StringComparer.Ordinal),
        Calls = [.. snapshot.Calls],
    });

    private static LiveView Counted(LiveView view) =>
        view with { Phones = [.. view.Extensions.Values.SelectMany(extension => extension.Phones, (extension, phone) => (extension, phone))] };

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, PbxApi.Json) ?? throw new JsonException("An event without content.");

    private LiveView With(LiveExtensionDto extension) => Counted(this with { Extensions = IsThere(extension) ? Extensions.SetItem(extension.Number, extension) : Extensions.Remove(extension.Number) });

    private static bool IsThere(LiveExtensionDto extension) => extension.State != ExtensionState.Offline || extension.Phones.Count > 0;

    private LiveView With(LiveCallDto call)
    {
        int index = Calls.FindIndex(known => known.Id == call.Id);
        return this with { Calls = index < 0 ? Calls.Add(call) : Calls.SetItem(index, call) };
    }

    private LiveView Without(CallId call) => this with { Calls = Calls.RemoveAll(known => known.Id == call) };
}
