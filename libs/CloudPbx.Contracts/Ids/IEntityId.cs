namespace CloudPbx.Contracts.Ids;

/// <summary>What every identifier has: a UUIDv7 (RFC 9562 §5.7), written as 32 lower-case hexadecimal digits.</summary>
/// <typeparam name="TSelf">The identifier itself.</typeparam>
public interface IEntityId<TSelf> : ISpanParsable<TSelf>, IUtf8SpanParsable<TSelf>, ISpanFormattable
    where TSelf : struct, IEntityId<TSelf>
{
    /// <summary>The identifier's octets.</summary>
    Guid Value { get; }

    /// <summary>Gives the identifier that has these octets.</summary>
    /// <param name="value">Any GUID; <see cref="Guid.Empty"/> names nobody.</param>
    static abstract TSelf From(Guid value);
}
