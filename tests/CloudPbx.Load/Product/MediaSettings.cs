namespace CloudPbx.Load.Product;

/// <summary>How every bench runs a media node.</summary>
internal static class MediaSettings
{
    /// <summary>Settings by their names in the options.</summary>
    public static IReadOnlyDictionary<string, string> Options { get; } = new Dictionary<string, string>
    {
        ["Media:Loops"] = "1",                              // one core is measured
        ["Media:SilenceSeconds"] = "0",
        // A load makes in seconds the calls of an hour: ports are used again sooner than in service.
        ["Media:DrainIdleSeconds"] = "2",
    };

    /// <summary>What a node needs that is started by itself.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Alone(string control) =>
    [
        .. Options.Select(setting => KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)),
        new("Media__Control", control),
        new("Media__Bind", "127.0.0.1"),
        new("Media__FirstPort", "4000"),                    // below the system's own range, from which the generator's ports come; above
        new("Media__LastPort", "17999"),                    // come the peer's, before it the floor's
        new("DOTNET_GCgen0size", "4000000"),                // as services/Media/README.md says
    ];
}
