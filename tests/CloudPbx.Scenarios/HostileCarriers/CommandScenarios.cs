using CloudPbx.TestKit;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>What the commands about trunks print of a running product, and how they end.</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class CommandScenarios(ProductFixture fixture)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Trunks_trunk_check_route_and_rewrite_say_how_the_carrier_stands_and_where_a_call_goes()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(
            fixture, """{"numbers":{"calledOut":[{"prefix":"+49","replacement":"0"},{"prefix":"+","replacement":"00"}]}}""", carriers: 2, trunk: (trunk, place) => trunk["maxChannels"] = place == 0 ? 7 : null);

        (int code, string said) = await RunAsync(scene, "trunks");
        Assert.Equal(0, code);
        Assert.Contains($"Tenant {scene.Company.Name}:", said, StringComparison.Ordinal);
        Assert.Matches(@"carrier0 +by address +off +0 +7\n", said);
        Assert.Matches(@"carrier1 +by address +off +0 +no limit\n", said);

        Task<(int Code, string Said)> check = RunAsync(scene, "trunk", "check", "carrier0", "--call", "+4989222333");
        scene.Carrier.Answer(await scene.Carrier.ExpectAsync("OPTIONS"), "200 OK", "Server: scripted");
        RawMessage invite = await scene.Carrier.ExpectAsync("INVITE");
        scene.Carrier.Answer(invite, "180 Ringing");
        scene.Carrier.Answer(invite, "486 Busy Here");
        await scene.Carrier.ExpectAsync("ACK");
        (code, said) = await check;
        Assert.Equal((0, said), (code, said));
        Assert.Contains($"ok   dns          {scene.Carrier.At}: UDP {scene.Carrier.At}\n", said, StringComparison.Ordinal);
        Assert.Contains($"ok   connection   UDP {scene.Carrier.At}: open\n", said, StringComparison.Ordinal);
        Assert.Contains($"ok   options      UDP {scene.Carrier.At}: 200 OK, scripted\n", said, StringComparison.Ordinal);
        Assert.Contains("ok   call         +4989222333: 180, then 486 Busy Here\n", said, StringComparison.Ordinal);

        // A carrier that is there and refuses: the program says so by its exit code, too.
        check = RunAsync(scene, "trunk", "check", "carrier1");
        scene.Carriers[1].Answer(await scene.Carriers[1].ExpectAsync("OPTIONS"), "503 Service Unavailable");
        (code, said) = await check;
        Assert.Equal((1, said), (code, said));
        Assert.Contains($"FAIL options      UDP {scene.Carriers[1].At}: 503 Service Unavailable\n", said, StringComparison.Ordinal);
        (code, said) = await RunAsync(scene, "trunk", "check", "nobody");
        Assert.Equal((1, 1), (code, said.Trim().Split('\n').Length));

        (code, said) = await RunAsync(scene, "route", "100", "9" + CarrierScene.Callee);
        Assert.Equal((0, said), (code, said));
        Assert.Matches(@"\n *\d+  outside-prefix +the outside prefix 9 leaves \+4989222333\n", said);
        Assert.Contains("the longest prefix is that of the route all (prefix ", said, StringComparison.Ordinal);
        Assert.Contains($"Sent by carrier0 to 089222333, shown as {scene.Number}.\nThen by carrier1 to 089222333, shown as {scene.Number}.\n", said, StringComparison.Ordinal);
        (code, said) = await RunAsync(scene, "route", "+4989444", scene.Number, "--trunk", "carrier1");
        Assert.Equal((0, said), (code, said));
        Assert.Contains("The phones of extension 100 ring", said, StringComparison.Ordinal);
        (code, said) = await RunAsync(scene, "route", "100", "555");
        Assert.Equal(0, code);
        Assert.Contains("Refused with 404.", said, StringComparison.Ordinal);

        (code, said) = await RunAsync(scene, "rewrite", "carrier0", "+4989222333");
        Assert.Equal(0, code);
        Assert.EndsWith("\n+4989222333 becomes 089222333.\n", said, StringComparison.Ordinal);
        Assert.Equal((0, "No rule of callerIn fits: +4989222333 stays as it is.\n"), await RunAsync(scene, "rewrite", "carrier0", "+4989222333", "--list", "callerIn"));
        (code, _) = await RunAsync(scene, "rewrite", "carrier0", "1", "--list", "sideways");
        Assert.Equal(1, code);
    }

    private async Task<(int Code, string Said)> RunAsync(CarrierScene scene, params string[] arguments)
    {
        (int code, string said) = await RunningProduct.RunProgramAsync([.. arguments, "--tenant", scene.Company.Name, "--data", fixture.Pbx.DataFolder], Cancel);
        return (code, said + "\n");                              // each line with its end
    }
}
