namespace CloudPbx.Sip.Messages;

/// <summary>The Event header field (RFC 6665 §8.2.1): what is subscribed to, or told of.</summary>
public sealed class EventType
{
    private const int MaximumIdLength = 128;

    private readonly (string Name, string Value)[] _parameters;

    private EventType(string package, (string Name, string Value)[] parameters)
    {
        Package = package;
        _parameters = parameters;
        Id = Has("id") ? Array.Find(parameters, IsId).Value : null;
    }

    /// <summary>Gets the event package, with its templates.</summary>
    public string Package { get; }

    /// <summary>Gets what tells two subscriptions of one package apart; <see langword="null"/> where it is not said.</summary>
    public string? Id { get; }

    /// <summary>Parses a value: <c>event-type *( SEMI event-param )</c>.</summary>
    /// <param name="value">The value; <see langword="null"/> where there is no such field.</param>
    /// <returns>Its parts; <see langword="null"/> where the package or the id is no token. Never throws.</returns>
    public static EventType? TryParse(string? value)
    {
        string[] parts = (value ?? "").Split(';', StringSplitOptions.TrimEntries);
        if (!SipAscii.IsToken(parts[0]))
            return null;
        EventType type = new(parts[0], [.. parts[1..].Select(Split)]);
        return type.Id is { } id && (id.Length > MaximumIdLength || !SipAscii.IsToken(id)) ? null : type;
    }

    /// <summary>Whether a parameter is there, with or without a value.</summary>
    /// <param name="name">Its name.</param>
    public bool Has(string name) => Array.Exists(_parameters, parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether another field names the same subscription (§8.2.1): package and id, octet by octet; other parameters do not count.</summary>
    /// <param name="other">The other one.</param>
    public bool IsSame(EventType other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Package == other.Package && Id == other.Id;
    }

    /// <summary>The value as a NOTIFY has it.</summary>
    public override string ToString() => Id is null ? Package : $"{Package};id={Id}";

    private static bool IsId((string Name, string Value) parameter) => parameter.Name.Equals("id", StringComparison.OrdinalIgnoreCase);

    private static (string Name, string Value) Split(string parameter)
    {
        int equals = parameter.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (parameter, "") : (parameter[..equals].TrimEnd(), parameter[(equals + 1)..].TrimStart());
    }
}
