using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components.Pages.Trunks;

namespace CloudPbx.Portal.Tests.Components;

public sealed class TrunkFormTests
{
    [Fact]
    public void A_registered_trunk_keeps_the_addresses_that_its_carrier_calls_from()
    {
        TrunkForm form = TrunkForm.Of(new TrunkDto
        {
            Id = TrunkId.New(), Name = "line", Owner = default, RegistrationSeconds = 3600, Recording = default, Kind = TrunkKind.Registered, Enabled = true, Server = new TrunkServer("sip.carrier.example"),
            Accounts = [new TrunkAccountDocument { User = "u1" }], Sources = ["192.0.2.0/24", "tls:sbc.carrier.example"], Profile = TrunkProfiles.All[0], Changes = new TrunkProfileChanges(),
        });
        Assert.Equal(["192.0.2.0/24", "tls:sbc.carrier.example"], form.ToDocument().Sources);
    }
}
