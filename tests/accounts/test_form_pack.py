"""The template pack `portal` draws every kind of field, with hint and error tied to it."""

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import engines

KINDS = [("card", "Bank card"), ("balance", "Balance")]


class Sample(forms.Form):
    """One field of each kind."""

    number = forms.CharField(label="Number", help_text="With country code")
    plan = forms.ChoiceField(label="Plan", choices=KINDS)
    method = forms.ChoiceField(
        label="Method", choices=KINDS, widget=forms.RadioSelect, help_text="One of them"
    )
    notices = forms.MultipleChoiceField(
        label="Notices", choices=KINDS, widget=forms.CheckboxSelectMultiple, required=False
    )
    renew = forms.BooleanField(label="Renew by itself", required=False)
    remark = forms.CharField(label="Remark", required=False, widget=forms.Textarea)
    token = forms.CharField(widget=forms.HiddenInput, initial="x")

    def clean(self) -> None:
        raise forms.ValidationError("All of it is <wrong>.")


def draw(form: forms.Form) -> str:
    """Render as the filter does."""
    template = engines["django"].from_string("{% load crispy_forms_tags %}{{ form|crispy }}")
    return str(template.render({"form": form}))


@pytest.fixture
def wrong(en: dict[str, str]) -> str:
    """The form after it was sent empty."""
    return draw(Sample({}))


def test_every_box_has_its_label(en: dict[str, str]) -> None:
    page = draw(Sample())
    for name in ("number", "plan", "renew", "remark"):
        assert f'for="id_{name}"' in page
    assert page.count("<fieldset") == page.count("<legend>") == 2
    assert 'type="hidden" name="token"' in page
    assert 'for="id_token"' not in page
    assert "field--bad" not in page


def test_only_optional_boxes_say_optional(en: dict[str, str]) -> None:
    assert draw(Sample()).count("optional") == 2


def test_an_error_is_named_by_its_box_and_stands_once(wrong: str) -> None:
    assert 'aria-describedby="id_number_helptext id_number_error"' in wrong
    assert '<fieldset aria-describedby="id_method_helptext id_method_error">' in wrong
    for name in ("number", "plan", "method"):
        assert wrong.count(f'id="id_{name}_error"') == 1
    assert wrong.count("This field is required.") == 3


def test_an_error_of_the_whole_form_is_announced_and_escaped(wrong: str) -> None:
    assert 'role="alert"' in wrong
    assert "All of it is &lt;wrong&gt;." in wrong


def test_the_tag_draws_form_fields_and_button(en: dict[str, str]) -> None:
    form = Sample({})
    form.helper = FormHelper()  # type: ignore[attr-defined]
    form.helper.add_input(Submit("pay", "Pay"))  # type: ignore[attr-defined]
    page = render_crispy_form(form)
    assert page.count("<form") == page.count("</form>") == 1
    assert '<button class="btn btn--wide" type="submit" name="pay"' in page
    assert page.count('id="id_number"') == 1


def test_a_layout_draws_its_fields_once(en: dict[str, str]) -> None:
    form = Sample()
    form.helper = FormHelper()  # type: ignore[attr-defined]
    form.helper.form_tag = False  # type: ignore[attr-defined]
    form.helper.layout = Layout("plan", "number")  # type: ignore[attr-defined]
    page = render_crispy_form(form)
    assert page.index('id="id_plan"') < page.index('id="id_number"')
    assert page.count('id="id_number"') == 1
    assert "<form" not in page
    assert "id_remark" not in page
