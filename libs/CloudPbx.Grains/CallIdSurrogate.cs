using CloudPbx.Contracts.Ids;
using Orleans;

namespace CloudPbx.Grains;

/// <summary>How a <see cref="CallId"/> crosses to a grain: Contracts has no packages, so Orleans' view of it is here.</summary>
[GenerateSerializer, Immutable, Alias("CloudPbx.CallId")]
internal struct CallIdSurrogate
{
    [Id(0)] public Guid Value;
}
