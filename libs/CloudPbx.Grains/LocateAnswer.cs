using Orleans;

namespace CloudPbx.Grains;

/// <summary>Where a tenant lives now.</summary>
/// <param name="WorkerId">The worker's name, as it announces itself in Redis.</param>
/// <param name="Host">The address of its SIP link.</param>
/// <param name="Port">The TCP port of its SIP link; 0 where the link is a pipe in the same process.</param>
/// <param name="Epoch">The activation's epoch; a higher one wins.</param>
[GenerateSerializer, Immutable, Alias("CloudPbx.LocateAnswer")]
public sealed record LocateAnswer(
    [property: Id(0)] string WorkerId,
    [property: Id(1)] string Host,
    [property: Id(2)] int Port,
    [property: Id(3)] long Epoch);
