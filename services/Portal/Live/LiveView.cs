using System.Collections.Immutable;
using System.Text;
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
    public LiveView? After(string type, string data) => After(Read(type, Encoding.UTF8.GetBytes(data)));

    /// <summary>What is known after an event that was read.</summary>
    /// <param name="told">What <see cref="Read"/> gave.</param>
    /// <returns>The new view, or <see langword="null"/> where it tells nothing.</returns>
    public LiveView? After(object? told) => told switch
    {
        LiveSnapshotDto snapshot => Of(snapshot),
        LiveExtensionDto extension => With(extension),
        LiveCallDto call => With(call),
        EndedCallDto ended => Without(ended.Id),
        _ => null,
    };

    /// <summary>Reads an event from its octets: a snapshot of thousands is never one long text.</summary>
    /// <param name="type">The event's type.</param>
    /// <param name="data">Its JSON.</param>
    /// <returns>A record of Contracts, or <see langword="null"/> for what tells nothing.</returns>
    /// <exception cref="JsonException">It is not what the type says.</exception>
    public static object? Read(string type, ReadOnlySpan<byte> data) => type switch
    {
        "snapshot" => Read<LiveSnapshotDto>(data),
        "extension" => Read<LiveExtensionDto>(data),
        "call" => Read<LiveCallDto>(data),
        "callEnded" => Read<EndedCallDto>(data),
        _ => null,
    };

    private static LiveView Of(LiveSnapshotDto snapshot) => Counted(new LiveView
    {
        Extensions = snapshot.Extensions.Where(IsThere).ToImmutableSortedDictionary(extension => extension.Number, extension => extension, StringComparer.Ordinal),
        Calls = [.. snapshot.Calls],
    });

    private static LiveView Counted(LiveView view) =>
        view with { Phones = [.. view.Extensions.Values.SelectMany(extension => extension.Phones, (extension, phone) => (extension, phone))] };

    private static T Read<T>(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<T>(json, PbxApi.Json) ?? throw new JsonException("An event without content.");

    private LiveView With(LiveExtensionDto extension) => Counted(this with { Extensions = IsThere(extension) ? Extensions.SetItem(extension.Number, extension) : Extensions.Remove(extension.Number) });

    private static bool IsThere(LiveExtensionDto extension) => extension.State != ExtensionState.Offline || extension.Phones.Count > 0;

    private LiveView With(LiveCallDto call)
    {
        int index = Calls.FindIndex(known => known.Id == call.Id);
        return this with { Calls = index < 0 ? Calls.Add(call) : Calls.SetItem(index, call) };
    }

    private LiveView Without(CallId call) => this with { Calls = Calls.RemoveAll(known => known.Id == call) };
}
