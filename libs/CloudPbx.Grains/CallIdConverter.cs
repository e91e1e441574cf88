using CloudPbx.Contracts.Ids;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>Turns a <see cref="CallId"/> into what Orleans can write, and back.</summary>
[RegisterConverter]
internal sealed class CallIdConverter : IConverter<CallId, CallIdSurrogate>
{
    /// <inheritdoc/>
    public CallId ConvertFromSurrogate(in CallIdSurrogate surrogate) => new(surrogate.Value);

    /// <inheritdoc/>
    public CallIdSurrogate ConvertToSurrogate(in CallId value) => new() { Value = value.Value };
}
