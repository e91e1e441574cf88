using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Numbers;
using CloudPbx.Portal.Components.Pages.Platform;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace CloudPbx.Portal.Tests.Components;

public sealed class NumbersPageTests
{
    private static readonly FreeNumberDto s_free = new() { Number = "+498912345", Trunk = "shared" };

    [Fact]
    public async Task A_number_is_chosen_among_the_free_ones_and_taken()
    {
        await using PortalContext context = Context([s_free, new() { Number = "+498912346", Trunk = "shared" }]);
        context.Api.On("POST /v1/tenants/acme/free-numbers", new NumberDto { Id = NumberId.New(), Number = s_free.Number, Trunk = "shared", Extension = "100" }, HttpStatusCode.Created);
        var page = context.Bunit.Render<NumbersPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("[data-testid=take]").Click();
        context.Dialogs.WaitForElement("[data-testid=free] button").Click();
        Assert.Equal("true", context.Dialogs.Find("[data-testid=free] button").GetAttribute("aria-pressed"));
        context.Dialogs.Find("#take-extension").Change("100");
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        page.WaitForAssertion(() => Assert.Contains("""{"number":"\u002B498912345","extension":"100"}""", context.Api.Asked.Select(asked => asked.Body)));
        context.Dialogs.WaitForAssertion(() => Assert.Empty(context.Dialogs.FindAll(".mud-dialog")));
    }

    [Fact]
    public async Task What_is_typed_searches_and_a_number_that_somebody_else_got_is_said_beside_the_field()
    {
        await using PortalContext context = Context([s_free]);
        context.Api.On("GET /v1/tenants/acme/free-numbers?prefix=%2B4930&limit=20", new Page<FreeNumberDto>([], null));
        context.Api.OnProblem("POST /v1/tenants/acme/free-numbers", 409, "taken", new Dictionary<string, string[]> { ["$.number"] = ["Is not free for you to take: /free-numbers lists those that are."] });
        var page = context.Bunit.Render<NumbersPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("[data-testid=take]").Click();
        context.Dialogs.WaitForElement("#take-number").Change("49 30");
        context.Dialogs.WaitForAssertion(() => Assert.Contains("No free number begins so", context.Dialogs.Markup, StringComparison.Ordinal));
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("Is not free for you", context.Dialogs.Markup, StringComparison.Ordinal));
        Assert.Equal("49 30", context.Dialogs.Find("#take-number").GetAttribute("value"));
    }

    [Fact]
    public async Task Where_nothing_is_free_nothing_is_offered()
    {
        await using PortalContext context = Context([]);
        var page = context.Bunit.Render<NumbersPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-empty");
        Assert.Empty(page.FindAll("[data-testid=take]"));
    }

    [Fact]
    public async Task The_operators_form_opens_a_number_and_insists_on_the_state_that_it_showed()
    {
        await using PortalContext context = new();
        InventoryNumberDto number = new() { Number = "+498912345", Trunk = "shared", SelfService = false };
        context.Api.On("GET /v1/platform/trunks", new Page<TrunkDto>([], null));
        context.Api.On("GET /v1/platform/numbers/%2B498912345", number);
        context.Api.OnProblem("PUT /v1/platform/numbers/%2B498912345", 412, "conflict", detail: "The If-Match header names an older state.");
        await context.Dialogs.InvokeAsync(() => context.Bunit.Services.GetRequiredService<IDialogService>().ShowAsync<InventoryDialog>("title", new DialogParameters<InventoryDialog> { { x => x.Number, number } }));
        context.Dialogs.WaitForAssertion(() => Assert.Equal("+498912345", context.Dialogs.Find("#inventory-number").GetAttribute("value")));
        context.Dialogs.Find(".mud-switch input").Change(true);
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForAssertion(() => Assert.NotEmpty(context.Dialogs.FindAll(".cp-note.bad")));
        Assert.Contains("\"selfService\":true", context.Api.Asked[^1].Body, StringComparison.Ordinal);
    }

    private static PortalContext Context(IReadOnlyList<FreeNumberDto> free)
    {
        PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/numbers", new Page<NumberDto>([], null));
        context.Api.On("GET /v1/tenants/acme/free-numbers", new Page<FreeNumberDto>(free, null));
        return context;
    }
}
