using CloudPbx.Portal.Phones;

namespace CloudPbx.Portal.Tests.Hosting;

/// <summary>A session that remembers a phone.</summary>
internal sealed class FakePhoneMemory : IPhoneMemory
{
    public RememberedPhone? Phone { get; set; }

    public ValueTask<RememberedPhone?> GetAsync(CancellationToken cancel) => new(Phone);

    public ValueTask SetAsync(RememberedPhone? phone, CancellationToken cancel)
    {
        Phone = phone;
        return default;
    }
}
