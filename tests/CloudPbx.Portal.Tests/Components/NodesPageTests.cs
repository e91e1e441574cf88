using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Components.Pages.Platform;

namespace CloudPbx.Portal.Tests.Components;

public sealed class NodesPageTests
{
    [Fact]
    public async Task A_media_node_shows_its_load_and_is_drained_after_a_question()
    {
        await using PortalContext context = new();
        NodeDto media = new() { Id = "media-1", Kind = NodeKind.Media, Address = "http://10.0.0.2:9000", Legs = 12, Capacity = 400, Draining = false };
        context.Api.On("GET /v1/nodes", new Page<NodeDto>([media], null));
        context.Api.On("POST /v1/nodes/media-1/drain", new { }, HttpStatusCode.Accepted);
        var page = context.Bunit.Render<NodesPage>();
        page.WaitForAssertion(() => Assert.Contains("12 of 400", page.Markup, StringComparison.Ordinal));
        page.Find("tbody button").Click();
        context.Dialogs.WaitForElement(".mud-dialog-actions button");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == "POST /v1/nodes/media-1/drain"));
    }
}
